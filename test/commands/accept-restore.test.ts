import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { acceptRestore } from "../../src/commands/accept-restore.ts";
import { createReplica, ForeignHistoryError, type Replica } from "../../src/replica/replica.ts";
import type { Storage } from "../../src/storage/database.ts";
import { verifyChanges } from "../../src/storage/history/verify-changes.ts";
import { writeChange } from "../../src/storage/write-change.ts";
import { useDatabase } from "../support/database.ts";
import { hasReason } from "../support/errors.ts";

const open = useDatabase();
const noon = new Date("2026-01-02T12:00:00.000Z");
const author = "user:root@example.com";

function accept(storage: Storage, dryRun = false, reason = "the back-up of Monday") {
  return acceptRestore({ storage, clock: () => noon, randomBytes }, { reason, dryRun });
}

async function addGroup(storage: Storage, name: string): Promise<void> {
  const after = { name, description: "", owners: "administrators" };
  await writeChange(storage, { author, reason: "why", requestId: "", requestHash: "" }, () =>
    Promise.resolve({
      source: undefined,
      changes: [{ kind: "group", key: name, before: undefined, after }],
    }),
  );
}

function follow(storage: Storage, seen: string[] = []): Replica {
  const options = { maxStalenessMs: 1000, pollIntervalMs: 3_600_000, now: () => 0 };
  return createReplica(storage, options, {
    onAcceptedRestore: (found, mine) => seen.push(`${mine.revision} -> ${found.revision}`),
  });
}

/** The database as it was, in the place of what it became: the way of pg_restore. */
async function forget(storage: Storage, since: bigint): Promise<void> {
  await storage.exec(`
    delete from "group" where revision > ${since};
    delete from change_item where revision > ${since};
    delete from change where revision > ${since};
    update database set revision = ${since},
      chain_hash = (select hash from change where revision = ${since});
  `);
}

describe("acceptRestore", () => {
  it("writes a change that says who, when and why", async () => {
    const storage = await open();
    await addGroup(storage, "g");
    const { before, written } = await accept(storage);
    assert.equal(before.point.revision, 1n);
    assert.equal(before.newest?.author, author);
    assert.equal(written?.revision, 2n);
    const rows = await storage.db.selectFrom("accepted_restore").selectAll().execute();
    const reason = "the back-up of Monday";
    assert.deepEqual(rows, [{ id: written.id, at: noon, author: "accept-restore", reason }]);
    const change = await storage.db
      .selectFrom("change")
      .select(["author", "reason"])
      .where("revision", "=", 2n)
      .executeTakeFirst();
    assert.deepEqual(change, { author: "accept-restore", reason });
    const replica = follow(storage);
    await replica.refresh();
    assert.deepEqual([...(replica.current()?.acceptedRestores ?? [])], [written.id]);
  });

  it("only looks at the database in a dry run", async () => {
    const storage = await open();
    await addGroup(storage, "g");
    const { before, written } = await accept(storage, true);
    assert.equal(before.newest?.reason, "why");
    assert.equal(written, undefined);
    assert.deepEqual(await storage.db.selectFrom("accepted_restore").selectAll().execute(), []);
    const { before: after } = await accept(storage, true);
    assert.deepEqual(after, before);
  });

  it("wants a reason", async () => {
    const storage = await open();
    await assert.rejects(accept(storage, false, ""), hasReason("INVALID_FIELD"));
    await assert.rejects(accept(storage, true, "x".repeat(1001)), hasReason("INVALID_FIELD"));
  });

  it("makes a replica that refuses an older state follow it, once for each restore", async () => {
    const storage = await open();
    const seen: string[] = [];
    const replica = follow(storage, seen);
    await addGroup(storage, "kept");
    await addGroup(storage, "lost");
    await replica.refresh();
    for (const lost of ["lost", "lost-again"]) {
      assert.ok(replica.current()?.snapshot.groups.entry(lost));
      const revision = lost === "lost" ? 1n : 2n;
      await forget(storage, revision);
      await assert.rejects(replica.refresh(), ForeignHistoryError);
      await assert.rejects(replica.refresh(), ForeignHistoryError);
      await accept(storage);
      await replica.refresh();
      assert.equal(replica.current()?.snapshot.groups.entry(lost), undefined);
      assert.ok(replica.current()?.snapshot.groups.entry("kept"));
      await addGroup(storage, "lost-again");
      await replica.refresh();
    }
    assert.deepEqual(seen, ["2 -> 2", "3 -> 3"]);
  });

  it("changes nothing for a replica that follows", async () => {
    const storage = await open();
    const seen: string[] = [];
    const replica = follow(storage, seen);
    await addGroup(storage, "g");
    await replica.refresh();
    const before = replica.current()?.snapshot.authDb;
    await accept(storage);
    await replica.refresh();
    assert.equal(replica.current()?.revision, 2n);
    assert.equal(replica.current()?.snapshot.authDb, before);
    assert.deepEqual(seen, []);
  });

  it("leaves a history that can be verified", async () => {
    const storage = await open();
    await addGroup(storage, "g");
    await accept(storage);
    await addGroup(storage, "h");
    assert.deepEqual((await verifyChanges(storage.db, 1n, 0n)).faults, []);
  });
});
