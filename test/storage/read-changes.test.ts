import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { KyselyPlugin } from "kysely";
import { openStorage, type Db } from "../../src/storage/database.ts";
import { eraseIdentity } from "../../src/storage/history/erase-identity.ts";
import { pruneItems } from "../../src/storage/history/prune-items.ts";
import { readChangesAfter } from "../../src/storage/read-changes.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { groupChanges } from "./examples.ts";
import { group, member, write } from "./history/support.ts";
import { writeChange } from "../../src/storage/write-change.ts";

/** Calls `then` after each query, before its result is there. */
function afterQueries(then: (count: number) => Promise<void>): KyselyPlugin {
  let count = 0;
  return {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      count += 1;
      await then(count);
      return result;
    },
  };
}

describe("readChangesAfter", () => {
  const undo: (() => Promise<void>)[] = [];
  after(async () => {
    for (const step of undo.reverse()) await step();
  });

  it("gives no changes from which a person was erased: they do not fit who is still listed elsewhere", async () => {
    const database = await createPostgresDatabase();
    const storage = await openStorage(database.choice);
    undo.push(database.remove, storage.close);
    await write(storage, groupChanges("g", ["user:a@x.com"]));
    await write(storage, [member("g", "user:a@x.com", "delete")]);
    await write(storage, [group("g", "", "described")]);
    const input = { identity: "user:a@x.com", author: "operator", reason: "", dryRun: false };
    const { revision = 0n } = await eraseIdentity(storage, input);
    const read = async (after: bigint): Promise<readonly bigint[] | undefined> =>
      (await readChangesAfter(storage.db, after, 100)).changes?.map((change) => change.revision);
    assert.equal(await read(0n), undefined);
    assert.equal(await read(1n), undefined);
    assert.deepEqual(await read(2n), [3n, revision]);
  });

  // A writer holds the revision row, which whoever prunes does not want.
  for (const query of [1, 2, 3]) {
    it(`gives no change without its items, when they are pruned after query ${query}`, async () => {
      const database = await createPostgresDatabase();
      const writer = await openStorage(database.choice);
      const pruner = await openStorage(database.choice);
      undo.push(database.remove, writer.close, pruner.close);
      await write(writer, groupChanges("g", ["user:a@x.com"]));
      await write(writer, [member("g", "user:b@x.com", "create")]);
      await write(writer, [group("g", "", "described")]);
      const meta = { author: "user:a@x.com", reason: "", requestId: "", requestHash: "" };
      await writeChange(writer, meta, async (tx) => {
        const pruning = afterQueries(async (count) => {
          if (count === query) await pruneItems(pruner, { before: 100n, dryRun: false });
        });
        const db: Db = tx.withPlugin(pruning);
        const { changes } = await readChangesAfter(db, 0n, 100);
        const counts = changes?.map(({ items }) => items.length);
        assert.ok(counts === undefined || counts.every((count) => count > 0), String(counts));
        return { source: undefined, changes: [] };
      });
    });
  }
});
