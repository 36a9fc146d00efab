/** Writes and confirms a snapshot file, revision after revision, until it is killed: its argument is the path. */
import { emptyConfiguration } from "../../../../src/domain/model.ts";
import { confirmSnapshot } from "../../../../src/replica/snapshot-file/confirm-snapshot.ts";
import { writeSnapshot } from "../../../../src/replica/snapshot-file/write-snapshot.ts";
import { release, stateOf } from "./states.ts";

const [, , path = ""] = process.argv;
const groups = Array.from({ length: 5000 }, (_, index) => ({
  name: `g${index}`,
  description: "x".repeat(400),
  owners: "administrators",
  members: ["user:ann@example.com"],
  globs: [],
  nested: [],
}));
const configurations = new Map([["main", { ...emptyConfiguration, groups }]]);

for (let revision = 1n; ; revision += 1n) {
  const state = stateOf(configurations, { revision });
  await writeSnapshot(path, { state, release, confirmedAt: 1000 });
  process.stdout.write(`${revision}\n`);
  for (let confirmedAt = 2000; confirmedAt <= 4000; confirmedAt += 1000) {
    await confirmSnapshot(path, { point: state, release, confirmedAt, now: confirmedAt });
  }
}
