import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { Storage } from "../../../src/storage/database.ts";
import { oldestRebuildable } from "../../../src/storage/history/oldest-rebuildable.ts";
import { pruneItems } from "../../../src/storage/history/prune-items.ts";
import { readChange, readChangeItems } from "../../../src/storage/history/read-change.ts";
import { verifyChanges } from "../../../src/storage/history/verify-changes.ts";
import { onPostgres } from "../../support/database.ts";
import { groupChanges } from "../examples.ts";
import { group, member, write, writeAsPreviousRelease } from "./support.ts";

async function itemsOf(storage: Storage): Promise<readonly bigint[]> {
  const rows = await storage.db.selectFrom("change_item").select("revision").execute();
  return [...new Set(rows.map(({ revision }) => revision))].sort((left, right) =>
    Number(left - right),
  );
}

async function setTimes(storage: Storage, ...dates: readonly string[]): Promise<void> {
  for (const [index, date] of dates.entries()) {
    await storage.exec(`update change set at = '${date}' where revision = ${index + 1}`);
  }
}

describe("pruneItems", () => {
  onPostgres((_name, open) => {
    let storage: Storage;
    beforeEach(async () => {
      storage = await open();
      await write(storage, groupChanges("g", ["user:a@example.com", "user:b@example.com"]), {
        requestId: "r1",
        requestHash: "h1",
      });
      await writeAsPreviousRelease(storage, { items: [group("g", "", "old")] });
      await write(storage, [], { requestId: "r2", requestHash: "h2" });
      await write(storage, [member("g", "user:c@example.com", "create")], {
        requestId: "r3",
        requestHash: "h3",
      });
    });

    test("takes the items of older changes and leaves the rest, with a chain that holds", async () => {
      const seen: bigint[] = [];
      const pruned = await pruneItems(storage, {
        before: 3n,
        dryRun: false,
        onProgress: ({ items, of }) => seen.push(items, of),
      });
      assert.deepEqual(pruned, { beforeRevision: 3n, changes: 2n, items: 4n, requests: 1n });
      assert.deepEqual(seen, [4n, 4n]);
      assert.deepEqual(await itemsOf(storage), [3n]);
      const found = await verifyChanges(storage.db, 0n, 0n);
      assert.deepEqual(found.faults, []);
      assert.equal(found.changesPruned, 2n);
      assert.equal(found.items, 1n);
      const change = await readChange(storage.db, 1n);
      assert.equal(change?.itemsPruned, true);
      assert.deepEqual(
        change.summary.map(({ kind, created }) => [kind, created]),
        [
          ["group", 1],
          ["group_member", 2],
        ],
      );
      assert.deepEqual(await readChangeItems(storage.db, 1n, { afterSeq: 0, limit: 9 }), []);
      assert.equal(await oldestRebuildable(storage.db), 2n);
    });

    test("counts only, when it is a dry run", async () => {
      const planned = await pruneItems(storage, { before: 3n, dryRun: true });
      assert.deepEqual(planned, { beforeRevision: 3n, changes: 2n, items: 4n, requests: 1n });
      assert.deepEqual(await itemsOf(storage), [1n, 2n, 3n]);
      assert.equal(await oldestRebuildable(storage.db), 0n);
    });

    test("never takes those of the newest change", async () => {
      const { beforeRevision } = await pruneItems(storage, { before: 99n, dryRun: false });
      assert.equal(beforeRevision, 3n);
      assert.deepEqual(await itemsOf(storage), [3n]);
      await pruneItems(storage, { before: new Date("2999-01-01"), dryRun: false });
      assert.deepEqual(await itemsOf(storage), [3n]);
    });

    test("takes what was made before a time, the end not included", async () => {
      await setTimes(storage, "2020-01-01", "2020-01-02", "2020-01-03");
      const before = new Date("2020-01-02T00:00:00Z");
      const pruned = await pruneItems(storage, { before, dryRun: false });
      assert.deepEqual([pruned.beforeRevision, pruned.changes, pruned.requests], [2n, 1n, 1n]);
      assert.deepEqual(await itemsOf(storage), [2n, 3n]);
    });

    test("keeps a request that changed nothing until the change after it is old", async () => {
      // r2 came at revision 2, at any time before revision 3 was made.
      const early = await pruneItems(storage, { before: 3n, dryRun: false });
      assert.equal(early.requests, 1n);
      await write(storage, [member("g", "user:d@example.com", "create")]);
      const late = await pruneItems(storage, { before: 4n, dryRun: false });
      assert.equal(late.requests, 2n);
    });

    test("can be repeated, also where it was interrupted", async () => {
      await storage.exec(`
        update change set items_pruned = true where revision = 1;
        delete from change_item where revision = 1 and seq = 1`);
      assert.deepEqual((await verifyChanges(storage.db, 0n, 0n)).faults, []);
      await pruneItems(storage, { before: 2n, dryRun: false });
      assert.deepEqual(await itemsOf(storage), [2n, 3n]);
      const again = await pruneItems(storage, { before: 2n, dryRun: false });
      assert.deepEqual([again.changes, again.items], [0n, 0n]);
    });

    test("takes changes that are larger than its batches", async () => {
      const members = Array.from({ length: 12_000 }, (_, index) => `bot:b-${index}`);
      await write(storage, groupChanges("large", members));
      await write(storage, [group("large", "", "x")]);
      const { items } = await pruneItems(storage, { before: 5n, dryRun: false });
      assert.equal(items, 12_006n);
      assert.deepEqual(await itemsOf(storage), [5n]);
      assert.deepEqual((await verifyChanges(storage.db, 0n, 0n)).faults, []);
    });

    test("does not touch the state, nor what comes after", async () => {
      await pruneItems(storage, { before: 3n, dryRun: false });
      const members = await storage.db.selectFrom("group_member").selectAll().execute();
      assert.equal(members.length, 3);
      const { revision } = await write(storage, [member("g", "user:c@example.com", "delete")]);
      assert.equal(revision, 4n);
    });
  });
});
