import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import { sql } from "kysely";
import { Client } from "pg";
import { openStorage, type Storage } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { readState } from "../support/stored-state.ts";
import { readRevisionPoint } from "../../src/storage/revision-point.ts";
import { writeChange } from "../../src/storage/write-change.ts";
import { createPostgresDatabase, testServerUrl, useDatabase } from "../support/database.ts";
import { startPostgres, type PostgresServer } from "../support/postgres-server.ts";
import { groupChanges } from "./examples.ts";

const canary = "c4nary";
const meta = { author: "user:ann@example.com", reason: "", requestId: "", requestHash: "" };

function writeGroup(storage: Storage, name: string): Promise<unknown> {
  const changes = groupChanges(name, []);
  return writeChange(storage, meta, () => Promise.resolve({ source: "main", changes }));
}

/** An error with everything that a log could print of it. */
async function printed(opening: Promise<Storage>): Promise<string> {
  try {
    await (await opening).close();
  } catch (error) {
    return inspect(error, { depth: 20, showHidden: true, getters: true });
  }
  return assert.fail("it opened");
}

describe("openStorage with a Postgres URL", () => {
  test("never says the password, whatever is wrong with the URL", async () => {
    const { port } = new URL(testServerUrl());
    for (const url of [
      `postgres://user:${canary}@127.0.0.1:${port}/none`,
      `postgres://user@127.0.0.1:${port}/none?password=${canary}`,
      `postgres://user:${canary}@127.0.0.1:1/none`,
      `postgres://user@127.0.0.1:1/none?password=${canary}`,
      `postgres://user:${canary}@127.0.0.1:notaport/none`,
      `postgres://user:${canary}@127.0.0.1:99999/none`,
      `postgres://user:%${canary}@127.0.0.1:1/none`,
      `postgres://user:1#${canary}@127.0.0.1/none`,
      `postgres://user:1/${canary}@127.0.0.1/none`,
      `postgres://user:1?${canary}@127.0.0.1/none`,
      `postgres://user:${canary}@127.0.0.1:1/none?sslmode=verify-full&sslrootcert=/none/none`,
      `postgres://user:${canary}@127.0.0.1:1/none?sslmode=${canary}`,
      `mysql://user:${canary}@127.0.0.1:1/none`,
      `host=127.0.0.1 password=${canary}`,
      `user:${canary}@127.0.0.1`,
      `/${canary}`,
    ]) {
      const text = await printed(openStorage({ kind: "postgres", url }));
      assert.ok(!text.includes(canary), text);
      assert.match(text, /INVALID_FIELD|STORAGE_UNAVAILABLE/);
    }
  });

  test("describes the database without its user and password", async () => {
    const { choice, remove } = await createPostgresDatabase();
    const storage = await openStorage(choice);
    const { port, password, pathname } = new URL(choice.url);
    assert.equal(storage.description, `127.0.0.1:${port}${pathname}`);
    assert.ok(!inspect(storage, { depth: 20, showHidden: true }).includes(password));
    await storage.close();
    await storage.close();
    await remove();
  });

  test("gives up on a server that accepts and says nothing", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const url = `postgres://u@127.0.0.1:${port}/d`;
    await assert.rejects(openStorage({ kind: "postgres", url }, { connectTimeoutMs: 100 }), {
      reason: "STORAGE_UNAVAILABLE",
    });
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

describe("a Postgres storage", () => {
  const open = useDatabase();

  test("ends a statement that takes too long, and goes on", async () => {
    const storage = await open({ statementTimeoutMs: 100 });
    const slow = writeChange(storage, meta, async (tx) => {
      await sql`select pg_sleep(30)`.execute(tx);
      return { source: undefined, changes: [] };
    });
    await assert.rejects(slow, { reason: "STORAGE_UNAVAILABLE" });
    assert.equal((await readRevisionPoint(storage)).revision, 0n);
  });

  test("lets many writers make revisions one after another, read whole by readers beside them", async () => {
    const { choice, remove } = await createPostgresDatabase();
    const storages = await Promise.all(
      Array.from({ length: 5 }, () => openStorage(choice, { poolSize: 2 })),
    );
    const writes = Promise.all(
      Array.from({ length: 40 }, (_, index) => writeGroup(storages[index % 5]!, `group-${index}`)),
    );
    for (let read = 0; read < 20; read += 1) {
      const { revision, configurations } = await readState(storages[read % 5]!);
      assert.equal(BigInt(configurations.get("main")?.groups.length ?? 0), revision);
    }
    await writes;
    const { rows } = await sql<{ revision: bigint }>`
      select revision from change order by revision`.execute(storages[0]!.db);
    assert.deepEqual(
      rows.map(({ revision }) => revision),
      Array.from({ length: 40 }, (_, index) => BigInt(index + 1)),
    );
    await Promise.all(storages.map((storage) => storage.close()));
    await remove();
  });

  test("notifies listeners of each new revision", async () => {
    const { choice, remove } = await createPostgresDatabase();
    const storage = await openStorage(choice);
    const client = new Client({ connectionString: choice.url });
    await client.connect();
    await client.query("listen fleetgate_revision");
    const notified = once(client, "notification");
    await writeGroup(storage, "g");
    const [notification] = (await notified) as [{ channel: string; payload: string }];
    assert.deepEqual([notification.channel, notification.payload], ["fleetgate_revision", "1"]);
    await client.end();
    await storage.close();
    await remove();
  });

  test("survives the loss of idle connections and of one that is lent out", async () => {
    const storage = await open({ poolSize: 2 });
    const killOthers = (): Promise<void> =>
      storage.exec(`select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()`);
    await readState(storage);
    await killOthers();
    const lost = writeChange(storage, meta, async () => {
      await killOthers();
      return { source: "main", changes: groupChanges("lost", []) };
    });
    await assert.rejects(lost, { reason: "STORAGE_UNAVAILABLE" });
    assert.equal((await readState(storage)).revision, 0n);
  });
});

describe("a Postgres storage whose server goes away", () => {
  let server: PostgresServer;
  let storage: Storage;
  let idleErrors = 0;
  before(async () => {
    server = await startPostgres({ durable: true });
    storage = await openStorage(
      { kind: "postgres", url: server.url },
      { onIdleError: () => (idleErrors += 1) },
    );
    await migrate(storage);
  });
  after(async () => {
    await storage.close();
    await server.remove();
  });

  for (const signal of ["SIGKILL", "SIGQUIT"] as const) {
    test(`says so after ${signal}, and works again when it is back, with all that was acknowledged`, async () => {
      await Promise.all([
        readState(storage),
        readState(storage),
        writeGroup(storage, `before-${signal}`),
      ]);
      const known = await readState(storage);
      await server.stop(signal);
      const attempts = [
        readState(storage),
        readRevisionPoint(storage),
        writeGroup(storage, "never"),
        migrate(storage),
      ];
      // All at once: one that fails while another is awaited would be a rejection that nobody handles.
      await Promise.all(
        attempts.map((attempt) => assert.rejects(attempt, { reason: "STORAGE_UNAVAILABLE" })),
      );
      await server.start();
      assert.deepEqual(await readState(storage), known);
      await writeGroup(storage, `after-${signal}`);
      assert.equal((await readRevisionPoint(storage)).revision, known.revision + 1n);
    });
  }

  test("told of the idle connections that broke", () => {
    assert.ok(idleErrors > 0);
  });
});
