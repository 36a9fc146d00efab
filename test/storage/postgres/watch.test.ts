import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { openStorage, type Storage, type Watcher } from "../../../src/storage/database.ts";
import { sqlState } from "../../../src/storage/errors.ts";
import { watchChannels } from "../../../src/storage/postgres/watch-channels.ts";
import { writeChange } from "../../../src/storage/write-change.ts";
import {
  createPostgresDatabase,
  useEmbeddedDatabase,
  type TestDatabase,
} from "../../support/database.ts";
import { startFaultProxy, type FaultProxy } from "../../support/fault-proxy.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { groupChanges } from "../examples.ts";

const channel = "fleetgate_revision";
const meta = { author: "user:ann@example.com", reason: "", requestId: "", requestHash: "" };

/** A hang is a failure; nothing here is expected to take that long. */
const options = { timeout: 60_000 };

type Told = "signal" | "lost" | "restored";

/** Watches a storage, and lets a test wait for what is told. */
function record(watch: Storage["watch"]) {
  const told: Told[] = [];
  const errors: unknown[] = [];
  let wake = (): void => undefined;
  const tell = (event: Told): void => {
    told.push(event);
    wake();
  };
  const watcher: Watcher = watch(channel, {
    onSignal: () => tell("signal"),
    onLost: (error) => {
      errors.push(error);
      tell("lost");
    },
    onRestored: () => tell("restored"),
  });
  /** Waits until exactly these were told since the last wait. */
  const expect = async (...events: readonly Told[]): Promise<void> => {
    while (told.length < events.length) await new Promise<void>((resolve) => (wake = resolve));
    assert.deepEqual(told.splice(0), events);
  };
  return { watcher, errors, expect, pending: told };
}

let written = 0;

function write(storage: Storage): Promise<unknown> {
  const changes = groupChanges(`group-${(written += 1)}`, []);
  return writeChange(storage, meta, () => Promise.resolve({ source: "main", changes }));
}

describe("a watcher of Postgres", options, () => {
  let database: TestDatabase & { readonly choice: { readonly kind: "postgres" } };
  let writer: Storage;
  let proxy: FaultProxy;
  let storage: Storage;
  before(async () => {
    database = await createPostgresDatabase();
    writer = await openStorage(database.choice);
    proxy = await startFaultProxy({ port: Number(new URL(database.choice.url).port) });
    storage = await openStorage({ kind: "postgres", url: proxy.through(database.choice.url) });
  });
  after(async () => {
    await storage.close();
    await proxy.close();
    await writer.close();
    await database.remove();
  });

  it("signals when it begins, and at each commit of anybody", async () => {
    const { watcher, expect } = record(storage.watch);
    await expect("signal");
    await write(writer);
    await expect("signal");
    await write(storage);
    await expect("signal");
    await watcher.close();
  });

  it("takes a signal for what it missed while its connection was lost", async () => {
    const { watcher, expect, errors } = record(storage.watch);
    await expect("signal");
    proxy.refuse();
    proxy.cut();
    await expect("lost");
    await write(writer);
    proxy.restore();
    await expect("restored", "signal");
    await write(writer);
    await expect("signal");
    assert.equal(errors.length, 1);
    await watcher.close();
  });

  it("says once that it is lost, however often it tries in vain", async () => {
    const { watcher, expect } = record(storage.watch);
    await expect("signal");
    proxy.refuse();
    proxy.cut();
    await expect("lost");
    for (let attempt = 0; attempt < 4; attempt += 1) await proxy.connected();
    proxy.restore();
    await expect("restored", "signal");
    await watcher.close();
  });

  it("notices that its connection is half-open, and makes a new one", async () => {
    const { watcher, expect } = record(storage.watch);
    await expect("signal");
    proxy.drop();
    await write(writer);
    await expect("lost");
    proxy.restore();
    await expect("restored", "signal");
    await watcher.close();
  });

  it("does not wait for ever for a server that accepts and says nothing", async () => {
    proxy.drop();
    const { watcher, expect } = record(storage.watch);
    await expect("lost");
    proxy.restore();
    await expect("restored", "signal");
    await watcher.close();
  });

  it("takes no notice of an outage shorter than its patience, and of delays", async () => {
    const { watcher, expect } = record(storage.watch);
    await expect("signal");
    proxy.hold();
    await write(writer);
    proxy.restore();
    await expect("signal");
    proxy.delay(300);
    await write(writer);
    await write(writer);
    await expect("signal", "signal");
    proxy.restore();
    await watcher.close();
  });

  it("keeps a connection that hears nothing for longer than a heartbeat", async () => {
    const { watcher, expect, pending } = record(storage.watch);
    await expect("signal");
    const { accepted } = proxy.connections();
    // What the server itself sees: each heartbeat is a statement.
    const beats = sql<{ at: string }>`
      select state_change::text as at from pg_stat_activity
      where query = 'select 1' and datname = current_database()`;
    const times = new Set<string>();
    while (times.size < 3) {
      const { rows } = await beats.execute(writer.db);
      for (const { at } of rows) times.add(at);
      await setTimeout(50);
    }
    assert.deepEqual(pending, []);
    assert.equal(proxy.connections().accepted, accepted);
    await write(writer);
    await expect("signal");
    await watcher.close();
  });

  const states: readonly (readonly [string, (proxy: FaultProxy) => void])[] = [
    ["that listens", () => undefined],
    ["that is half-open", (proxy) => proxy.drop()],
    ["that tries again", (proxy) => (proxy.refuse(), proxy.cut())],
  ];
  for (const [state, bring] of states) {
    it(`tells nothing after close, of a watcher ${state}`, async () => {
      const { watcher, expect, pending } = record(storage.watch);
      await expect("signal");
      bring(proxy);
      if (state.includes("again")) await expect("lost");
      await Promise.all([watcher.close(), watcher.close()]);
      proxy.restore();
      const other = record(storage.watch);
      await other.expect("signal");
      await write(writer);
      await other.expect("signal");
      assert.deepEqual(pending, []);
      await other.watcher.close();
    });
  }

  it("can be closed at once, and by what it tells", async () => {
    const { watcher, pending } = record(storage.watch);
    await watcher.close();
    for (const event of ["onSignal", "onLost"] as const) {
      const { promise: told, resolve } = Promise.withResolvers<void>();
      const close = (): void => void closing.close().then(resolve);
      if (event === "onLost") proxy.refuse();
      const closing = storage.watch(channel, { onSignal: () => undefined, [event]: close });
      await told;
      proxy.restore();
    }
    assert.deepEqual(pending, []);
  });

  it("ends with its storage", async () => {
    const own = await openStorage({ kind: "postgres", url: proxy.through(database.choice.url) });
    const { expect, pending } = record(own.watch);
    await expect("signal");
    await own.close();
    await write(writer);
    const late = record(own.watch);
    const other = record(storage.watch);
    await other.expect("signal");
    await write(writer);
    await other.expect("signal");
    assert.deepEqual([pending, late.pending], [[], []]);
    await Promise.all([late.watcher.close(), other.watcher.close()]);
  });
});

describe("a watcher whose server is killed", options, () => {
  for (const signal of ["SIGKILL", "SIGQUIT"] as const) {
    it(`listens again when the server is back after ${signal}`, async () => {
      const server = await startPostgres({ durable: true });
      const storage = await openStorage({ kind: "postgres", url: server.url });
      const notify = (): Promise<void> => storage.exec(`notify ${channel}`);
      const { watcher, expect } = record(storage.watch);
      await expect("signal");
      await server.stop(signal);
      await expect("lost");
      await server.start();
      await expect("restored", "signal");
      await notify();
      await expect("signal");
      await watcher.close();
      await storage.close();
      await server.remove();
    });
  }
});

describe("a watcher where LISTEN does not work", options, () => {
  it("says so once and fails nothing, when it is refused", async () => {
    const { server, sockets } = await startRefuser();
    const { port } = server.address() as AddressInfo;
    const config = { host: "127.0.0.1", port, user: "u", database: "d" };
    const { watcher, expect, errors } = record((name, events) =>
      watchChannels(config, [name].flat(), events),
    );
    await expect("lost");
    assert.equal(sqlState(errors[0]), "0A000");
    await watcher.close();
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
});

/** Speaks as much of the protocol of Postgres as it takes to refuse every statement. */
async function startRefuser() {
  const message = (type: string, body: string): Buffer => {
    const head = Buffer.from(`${type}0000`);
    head.writeInt32BE(4 + Buffer.byteLength(body), 1);
    return Buffer.concat([head, Buffer.from(body)]);
  };
  const ready = message("Z", "I");
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let started = false;
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      if (!started) socket.write(Buffer.concat([message("R", "\0\0\0\0"), ready]));
      else if (bytes.toString("latin1", 0, 1) === "Q") {
        const error = message("E", "SERROR\0C0A000\0MLISTEN is not supported\0\0");
        socket.write(Buffer.concat([error, ready]));
      }
      started = true;
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, sockets };
}

describe("a watcher of the embedded database", () => {
  const open = useEmbeddedDatabase();

  it("tells nothing: there is nobody else", async () => {
    const storage = await open();
    const { watcher, pending } = record(storage.watch);
    await write(storage);
    await watcher.close();
    assert.deepEqual(pending, []);
  });
});
