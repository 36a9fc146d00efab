import { openStorage } from "../../src/storage/database.ts";
import { writeChange } from "../../src/storage/write-change.ts";
import { groupChanges } from "./examples.ts";

// A process for embedded.test.ts: writes one group a revision until it is killed.

const storage = await openStorage({ kind: "embedded", directory: process.argv[2] ?? "" });
const meta = { author: "user:ann@example.com", reason: "", requestId: "", requestHash: "" };
for (;;) {
  const { revision } = await writeChange(storage, meta, (state) =>
    Promise.resolve({ source: "main", changes: groupChanges(`group-${state.revision}`, []) }),
  );
  process.stdout.write(`${revision}\n`);
}
