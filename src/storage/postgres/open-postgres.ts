import { Kysely, PostgresDialect, sql } from "kysely";
import { Client } from "pg";
import { ConnectionError } from "../connection-error.ts";
import { translateStorageError } from "../errors.ts";
import type { Database } from "../schema.ts";
import type { RunSql, Storage, StorageOptions, WatchEvents, Watcher } from "../storage.ts";
import { readDatabaseUrl } from "./database-url.ts";
import { connectionConfig, createPool } from "./pool.ts";
import { createQuick } from "./quick.ts";
import { lastRows } from "./last-rows.ts";
import { boundGoodbye } from "./sockets.ts";
import { watchChannels } from "./watch-channels.ts";

/** Of the reads that must not wait for others. */
const quickConnections = 2;

/** How long connecting may take where an answer is wanted soon. */
const quickConnectTimeoutMs = 1_500;

/** Opens a pool of connections to a Postgres server. Throws STORAGE_UNAVAILABLE or INVALID_FIELD. */
export async function openPostgres(url: string, options: StorageOptions): Promise<Storage> {
  const { host, port, database } = readDatabaseUrl(url);
  const pool = createPool(url, options);
  const { connect, end } = pool;
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: { connect, end, options: {} } }),
  });
  const quickOptions = {
    ...options,
    poolSize: quickConnections,
    connectTimeoutMs: Math.min(options.connectTimeoutMs ?? Infinity, quickConnectTimeoutMs),
  };
  const quickPool = createPool(url, quickOptions);
  const quick = createQuick(quickPool, () => {
    quickPool.suspectAll();
    pool.suspectAll();
  });
  const watchers = new Set<Watcher>();
  let closed: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    await Promise.all([...watchers].map((watcher) => watcher.close()));
    await Promise.all([pool.end(), quickPool.end()]);
  }

  const close = (): Promise<void> => (closed ??= closeAll());

  function watch(channels: string | readonly string[], events: WatchEvents): Watcher {
    const names = typeof channels === "string" ? [channels] : channels;
    const watching = watchChannels(connectionConfig(url, quickOptions), names, events);
    const watcher = {
      close: async () => {
        watchers.delete(watcher);
        await watching.close();
      },
    };
    if (closed === undefined) watchers.add(watcher);
    else void watching.close();
    return watcher;
  }

  async function session<T>(use: (run: RunSql) => Promise<T>): Promise<T> {
    const client = new Client(connectionConfig(url, options));
    client.on("error", () => undefined);
    try {
      try {
        await client.connect();
        boundGoodbye(client);
      } catch (error) {
        throw new ConnectionError("no connection to the database", { cause: error });
      }
      return await use(async (text) => lastRows(await client.query(text)));
    } finally {
      await client.end();
    }
  }

  try {
    return {
      kind: "postgres",
      description: `${host}:${port}/${database}`,
      serverVersion: options.unasked === true ? "" : await readVersion(db),
      db,
      quick,
      watch,
      session,
      exec: (text) => session(async (run) => void (await run(text))),
      close,
    };
  } catch (error) {
    await close();
    throw translateStorageError(error);
  }
}

async function readVersion(db: Kysely<Database>): Promise<string> {
  const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db);
  return rows[0]?.server_version ?? "";
}
