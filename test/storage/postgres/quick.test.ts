import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { after, before, beforeEach, describe, it } from "node:test";
import { sql } from "kysely";
import { ConnectionError } from "../../../src/storage/connection-error.ts";
import { openStorage, type Db, type Storage } from "../../../src/storage/database.ts";
import { translateStorageError } from "../../../src/storage/errors.ts";
import { writeChange } from "../../../src/storage/write-change.ts";
import {
  createPostgresDatabase,
  forEachBackend,
  type TestDatabase,
} from "../../support/database.ts";
import { startFaultProxy, type FaultProxy } from "../../support/fault-proxy.ts";
import { groupChanges } from "../examples.ts";

/** A hang is a failure: the limit of ordinary reads, which must not be waited for here, is 35 seconds. */
const options = { timeout: 25_000 };

async function one(db: Db): Promise<number> {
  const { rows } = await sql<{ one: number }>`select 1 as one`.execute(db);
  return rows[0]?.one ?? 0;
}

/** The process id of the server's end of the connection that a read comes by. */
async function backend(db: Db): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  return rows[0]?.pid ?? 0;
}

function isUnavailable(error: unknown): boolean {
  assert.ok(error instanceof ConnectionError, String(error));
  return translateStorageError(error).reason === "STORAGE_UNAVAILABLE";
}

forEachBackend((_, open) => {
  it("quick reads like db, in a transaction too", async () => {
    const storage = await open();
    assert.equal(await storage.quick(one), 1);
    assert.equal(await storage.quick((db) => db.transaction().execute(one)), 1);
    assert.deepEqual(
      await storage.quick((db) => Promise.all([one(db), one(db), one(db)])),
      [1, 1, 1],
    );
  });

  it("quick fails as its read fails, and goes on", async () => {
    const storage = await open();
    await assert.rejects(
      storage.quick((db) => sql`select * from missing`.execute(db)),
      { code: "42P01" },
    );
    await assert.rejects(
      storage.quick(() => Promise.reject(new Error("mine"))),
      { message: "mine" },
    );
    assert.equal(await storage.quick(one), 1);
  });

  it("quick fails with STORAGE_UNAVAILABLE when the storage is closed", async () => {
    const storage = await open();
    await storage.close();
    await assert.rejects(storage.quick(one), isUnavailable);
  });
});

describe("quick reads of a Postgres", options, () => {
  let database: TestDatabase & { readonly choice: { readonly kind: "postgres" } };
  let proxy: FaultProxy;
  let storage: Storage;
  before(async () => {
    database = await createPostgresDatabase();
    proxy = await startFaultProxy({ port: Number(new URL(database.choice.url).port) });
  });
  beforeEach(async () => {
    await storage?.close();
    const url = proxy.through(database.choice.url);
    storage = await openStorage({ kind: "postgres", url }, { poolSize: 1 });
  });
  after(async () => {
    await storage.close();
    await proxy.close();
    await database.remove();
  });

  it("use one connection again and again", async () => {
    const first = await storage.quick(backend);
    assert.equal(await storage.quick(backend), first);
  });

  it("fail on a half-open connection, and succeed on a new one after that", async () => {
    await storage.quick(one);
    proxy.drop();
    await assert.rejects(storage.quick(one), isUnavailable);
    proxy.restore();
    assert.equal(await storage.quick(one), 1);
  });

  it("notice silence long before a longer time of theirs is over", async () => {
    const read = storage.quick(async (db) => {
      await one(db);
      proxy.drop();
      return one(db);
    }, 600_000);
    await assert.rejects(read, isUnavailable);
    proxy.restore();
    assert.equal(await storage.quick(one), 1);
  });

  it("go on while an answer arrives, however long that takes", async () => {
    const { rows } = await storage.quick(
      // What is larger than the buffer of the server is sent at once.
      (db) => sql`select repeat('x', 20000), pg_sleep(0.5) from generate_series(1, 6)`.execute(db),
      600_000,
    );
    assert.equal(rows.length, 6);
  });

  it("leave no half-open connection to those who come after, of their own and of other reads", async () => {
    await Promise.all([storage.quick(one), storage.quick(one), one(storage.db)]);
    proxy.drop();
    await assert.rejects(storage.quick(one, 100), isUnavailable);
    proxy.restore();
    assert.equal(await one(storage.db), 1);
    assert.deepEqual(await Promise.all([storage.quick(one), storage.quick(one)]), [1, 1]);
  });

  it("fail in time when no connection can be made", async () => {
    proxy.drop();
    await assert.rejects(storage.quick(one, 100), isUnavailable);
    await assert.rejects(storage.quick(one), isUnavailable);
    proxy.refuse();
    await assert.rejects(storage.quick(one), isUnavailable);
    proxy.restore();
    assert.equal(await storage.quick(one), 1);
  });

  it("end a statement that takes too long, and what runs beside it in the same read", async () => {
    const seen: string[] = [];
    const slow = storage.quick(async (db) => {
      const all = [1, 2].map(() => sql`select pg_sleep(30)`.execute(db));
      const [first] = await Promise.allSettled(all);
      seen.push(first?.status ?? "");
      await assert.rejects(one(db));
      return Promise.all(all);
    }, 200);
    await assert.rejects(slow, isUnavailable);
    assert.equal(await storage.quick(one), 1);
    assert.deepEqual(seen, ["rejected"]);
  });

  it("do not wait for a pool whose connections are all lent out", async () => {
    await storage.db.connection().execute(async (busy) => {
      await one(busy);
      assert.equal(await storage.quick(one), 1);
    });
  });

  it("blame no connection when they only waited for one", async () => {
    const idle = await backend(storage.db);
    const { promise: free, resolve } = Promise.withResolvers<void>();
    const hold = (db: Db): Promise<void> => db.connection().execute(() => free);
    const holders = [storage.quick(hold, 20_000), storage.quick(hold, 20_000)];
    await assert.rejects(storage.quick(one, 100), isUnavailable);
    resolve();
    await Promise.all(holders);
    assert.equal(await backend(storage.db), idle);
  });

  it("spare a writer that is at work when one of them fails", async () => {
    const meta = { author: "user:ann@example.com", reason: "", requestId: "", requestHash: "" };
    const { kind } = await writeChange(storage, meta, async () => {
      const slow = storage.quick((db) => sql`select pg_sleep(30)`.execute(db), 100);
      await assert.rejects(slow, isUnavailable);
      return { source: "main", changes: groupChanges("g", []) };
    });
    assert.equal(kind, "committed");
    const pid = await backend(storage.db);
    assert.equal(await backend(storage.db), pid);
  });

  it("take an answer that came while this thread was busy for one in time", async () => {
    // Not by way of the proxy, which is as busy.
    const direct = await openStorage(database.choice);
    await direct.quick(one);
    const busy = direct.quick(async (db) => {
      const answer = one(db);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
      return answer;
    }, 300);
    assert.equal(await busy, 1);
    await direct.close();
  });

  it("keep the session of a pooled connection bounded on the side of the server", async () => {
    for (const db of [storage.db, await storage.quick((quick) => Promise.resolve(quick))]) {
      const { rows } = await sql`
        select current_setting('statement_timeout') as statement,
               current_setting('tcp_keepalives_idle') as idle`.execute(db);
      assert.deepEqual(rows, [{ statement: "30s", idle: "10" }]);
    }
  });
});

describe("closing a Postgres storage", options, () => {
  it("leaves nothing behind that keeps the process, when its connections are half-open", async () => {
    const database = await createPostgresDatabase();
    const proxy = await startFaultProxy({ port: Number(new URL(database.choice.url).port) });
    const url = proxy.through(database.choice.url);
    const closer = fork(new URL("half-open-closer.ts", import.meta.url), {
      env: { ...process.env, FLEETGATE_TEST_CLOSER_URL: url },
    });
    await once(closer, "message");
    proxy.drop();
    closer.send("close");
    assert.deepEqual(await once(closer, "exit"), [0, null]);
    await proxy.close();
    await database.remove();
  });
});
