// node compare.ts RECORD: asks Fleetgate the questions of a record, and prints those that it answers otherwise.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { acl, createFleetgate, fromStatus, isDenied } from "fleetgate/client/node";

/** A line of the record: a check as AclService takes it in BatchCheck, and the old answer to it. */
interface Recorded {
  readonly check: JsonValue;
  readonly permitted: boolean;
}

const [file = "record.jsonl"] = process.argv.slice(2);
await using fleetgate = createFleetgate({
  endpoints: [process.env["FLEETGATE_ENDPOINT"] ?? "http://127.0.0.1:8080"],
  keyFile: process.env["FLEETGATE_HEADER_FILE"],
});
const counts = { questions: 0, disagreements: 0 };
let batch: Recorded[] = [];
for await (const line of createInterface({ input: createReadStream(file) })) {
  if (line.trim() !== "") batch.push(JSON.parse(line) as Recorded);
  if (batch.length === 1000) await compareBatch();
}
if (batch.length > 0) await compareBatch();
console.log(`${counts.questions} questions, ${counts.disagreements} disagreements`);
process.exitCode = counts.disagreements === 0 ? 0 : 1;

async function compareBatch(): Promise<void> {
  const recorded = batch;
  batch = [];
  const { outcomes } = await fleetgate.acl.batchCheck({
    checks: recorded.map(({ check }) => fromJson(acl.BatchCheckRequest_CheckSchema, check)),
  });
  for (const [index, { check, permitted }] of recorded.entries()) {
    const error = fromStatus(outcomes[index]?.status);
    if (error !== undefined && !isDenied(error)) throw error;
    counts.questions += 1;
    if ((error === undefined) === permitted) continue;
    counts.disagreements += 1;
    console.log(JSON.stringify({ check, permitted, fleetgate: error === undefined }));
  }
}
