import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { sql } from "kysely";
import { openBookkeeping } from "../../src/credentials/open-bookkeeping.ts";
import type { Storage } from "../../src/storage/database.ts";
import { sessionRecord, storeCredential, storeSubject } from "../support/credential-rows.ts";
import { onPostgres, useDatabase } from "../support/database.ts";

const by = { caller: "service:cache", source: "10.1.1.1", requestId: "r-1" };
const good = (id: string) => ({ kind: "good", record: sessionRecord(id), use: "all" }) as const;

async function databaseNow(storage: Storage): Promise<number> {
  const { rows } = await sql<{ at: Date }>`select now() as at`.execute(storage.db);
  return rows[0]?.at.getTime() ?? NaN;
}

async function usesOf(storage: Storage, id: string) {
  return storage.db
    .selectFrom("credential_use")
    .select([sql<string>`xmin::text`.as("xmin"), "first_used_at", "last_used_at"])
    .where("id", "=", id)
    .executeTakeFirst();
}

async function firstUses(storage: Storage, id: string) {
  return storage.db
    .selectFrom("credential_audit")
    .select(["event", "identity", "realm", "caller", "source", "request_id"])
    .where("credential_id", "=", id)
    .execute();
}

/** A bookkeeping whose clock a test sets. */
function bookkeepingAt(storage: Storage) {
  const clock = { ms: 0 };
  return { clock, ...openBookkeeping(storage, { now: () => clock.ms, everyMs: 0 }) };
}

describe("bookkeeping", () => {
  onPostgres((_name, open) => {
    let storage: Storage;
    let uid: string;
    before(async () => {
      storage = await open();
      uid = await storeSubject(storage, { id: "bot-7" });
    });

    test("a use is written with the first one in the audit, once, with who it was (c.14, L25)", async () => {
      const id = await storeCredential(storage, uid);
      const now = await databaseNow(storage);
      const books = bookkeepingAt(storage);
      books.used(good(id), now - 120_000, by);
      books.used(good(id), now - 119_000, { ...by, source: "10.2.2.2" });
      await books.flush();
      books.used(good(id), now - 1_000, { ...by, requestId: "r-2" });
      await books.flush();
      const row = await usesOf(storage, id);
      assert.deepEqual(
        [row?.first_used_at.getTime(), row?.last_used_at.getTime()],
        [now - 120_000, now - 1_000],
      );
      assert.deepEqual(await firstUses(storage, id), [
        {
          ...{ event: "first_used", identity: "bot:bot-7", realm: "demo:ci" },
          ...{ caller: "service:cache", source: "10.1.1.1", request_id: "r-1" },
        },
      ]);
      const [, { counts } = assert.fail()] = books.ages();
      assert.equal(counts.at(-1), 2, "its age is counted whenever it is written");
      await books.close();
    });

    test("a use that could not be written is still the first one, and what is not known of it is left out", async () => {
      const id = await storeCredential(storage, uid);
      const now = await databaseNow(storage);
      let isAway = true;
      const flaky: Storage = {
        ...storage,
        get db() {
          if (isAway) throw new Error("the database is away");
          return storage.db;
        },
      };
      const books = bookkeepingAt(flaky);
      books.used(good(id), now - 5_000, { caller: "bot:bot-7", source: "", requestId: "" });
      await books.flush();
      books.used(good(id), now - 1_000, by);
      isAway = false;
      await books.close();
      const row = await usesOf(storage, id);
      assert.deepEqual(
        [row?.first_used_at.getTime(), row?.last_used_at.getTime()],
        [now - 5_000, now - 1_000],
      );
      const [event] = await firstUses(storage, id);
      assert.deepEqual(
        [event?.caller, event?.source, event?.request_id],
        ["bot:bot-7", null, null],
      );
    });

    test("uses within a minute are one write, over all replicas (U24)", async () => {
      const id = await storeCredential(storage, uid);
      const now = await databaseNow(storage);
      const replicas = Array.from({ length: 4 }, () => bookkeepingAt(storage));
      const writes = new Set<string | undefined>();
      for (let second = 0; second < 59; second += 1) {
        for (const books of replicas) books.used(good(id), now - 60_000 + second * 900, by);
        if (second % 10 === 0) {
          await Promise.all(replicas.map((books) => books.flush()));
          writes.add((await usesOf(storage, id))?.xmin);
        }
      }
      assert.equal(writes.size, 1);
      assert.equal((await firstUses(storage, id)).length, 1);
      await Promise.all(replicas.map((books) => books.close()));
    });

    test("a use of a credential that is gone is nothing", async () => {
      const books = bookkeepingAt(storage);
      books.used(good("nobody-has-this1"), await databaseNow(storage), by);
      await books.flush();
      assert.equal(await usesOf(storage, "nobody-has-this1"), undefined);
      await books.close();
    });

    test("denials of a minute are one row with their number; what is left is written at the end", async () => {
      const books = bookkeepingAt(storage);
      const verdict = { kind: "refused", why: "unknown", record: undefined } as const;
      const credentialId = "denied-denied-de";
      for (let n = 0; n < 250; n += 1) {
        books.denied({ verdict, credentialId, source: "10.1.1.1", caller: "service:cache" });
      }
      await books.close();
      const rows = await storage.db
        .selectFrom("credential_audit")
        .select(["event", "reason", "source", "caller", "count", "identity", "realm"])
        .where("credential_id", "=", credentialId)
        .execute();
      const denied = { event: "denied", reason: "unknown", source: "10.1.1.1" };
      assert.deepEqual(rows, [
        { ...denied, caller: "service:cache", count: 250n, identity: null, realm: null },
      ]);
    });
  });
});

describe("bookkeeping of several replicas", () => {
  const open = useDatabase();

  test("10,000 uses a second of 1,000 credentials on 4 replicas cost less than 100 row writes a second (U24)", async () => {
    const storage = await open();
    const uid = await storeSubject(storage);
    const ids = await Promise.all(
      Array.from({ length: 1_000 }, () => storeCredential(storage, uid)),
    );
    await storage.exec(`
      create sequence row_writes minvalue 0 start 0;
      create function count_row_write() returns trigger language plpgsql as
        $$ begin perform nextval('row_writes'); return null; end $$;
      create trigger count_uses after insert or update on credential_use
        for each row execute function count_row_write();
      create trigger count_audit after insert on credential_audit
        for each row execute function count_row_write();
      select nextval('row_writes');
    `);
    const start = (await databaseNow(storage)) - 300_000;
    const replicas = Array.from({ length: 4 }, () => bookkeepingAt(storage));
    const seconds = 180;
    for (let second = 0; second < seconds; second += 1) {
      // Each replica is told to write as often as its clock would have it look.
      for (const id of ids) {
        for (const books of replicas) books.used(good(id), start + second * 1000, by);
      }
      if (second % 5 === 0) await Promise.all(replicas.map((books) => books.flush()));
    }
    await Promise.all(replicas.map((books) => books.close()));
    const { rows } = await sql<{ writes: bigint }>`
      select nextval('row_writes') - 1 as writes`.execute(storage.db);
    const writes = Number(rows[0]?.writes);
    // A first use and its audit row, and three more uses in three minutes.
    assert.ok(writes >= 2_000 && writes <= 5_000, `${writes} row writes`);
    assert.ok(writes / seconds < 100, `${writes / seconds} row writes a second`);
  });

  test("replicas that see new credentials at once write each first use once, and none waits for another for good", async () => {
    const storage = await open();
    const uid = await storeSubject(storage);
    const ids = await Promise.all(Array.from({ length: 200 }, () => storeCredential(storage, uid)));
    const now = await databaseNow(storage);
    const replicas = Array.from({ length: 6 }, () => bookkeepingAt(storage));
    for (const [index, books] of replicas.entries()) {
      const order = index % 2 === 0 ? ids : ids.toReversed();
      for (const id of order) books.used(good(id), now - index, by);
    }
    await Promise.all(replicas.map((books) => books.close()));
    const { rows } = await sql<{ events: bigint; ids: bigint }>`
      select count(*) as events, count(distinct credential_id) as ids
      from credential_audit where event = 'first_used'`.execute(storage.db);
    assert.deepEqual(rows, [{ events: 200n, ids: 200n }]);
  });
});
