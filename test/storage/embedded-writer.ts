import { openStorage } from "../../src/storage/database.ts";
import { readPosition } from "../../src/storage/revision-point.ts";
import { writeChange } from "../../src/storage/write-change.ts";
import { groupChanges } from "./examples.ts";

// A process for embedded.test.ts: writes one group a revision until it is killed.

const storage = await openStorage({ kind: "embedded", directory: process.argv[2] ?? "" });
const meta = { author: "user:ann@example.com", reason: "", requestId: "", requestHash: "" };
for (;;) {
  const { revision } = await writeChange(storage, meta, async (tx) => {
    const { revision: before } = await readPosition(tx);
    return { source: "main", changes: groupChanges(`group-${before}`, []) };
  });
  process.stdout.write(`${revision}\n`);
}
