import { Kysely, PostgresDialect, sql } from "kysely";
import { Client, type QueryResult } from "pg";
import { ConnectionError } from "../connection-error.ts";
import { translateStorageError } from "../errors.ts";
import type { Database } from "../schema.ts";
import type { RunSql, SessionRow, Storage, StorageOptions } from "../storage.ts";
import { readDatabaseUrl } from "./database-url.ts";
import { connectionConfig, createPool } from "./pool.ts";

/** Opens a pool of connections to a Postgres server. Throws STORAGE_UNAVAILABLE or INVALID_FIELD. */
export async function openPostgres(url: string, options: StorageOptions): Promise<Storage> {
  const { host, port, database } = readDatabaseUrl(url);
  const { pool, end } = createPool(url, options);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= end());

  async function session<T>(use: (run: RunSql) => Promise<T>): Promise<T> {
    const client = new Client(connectionConfig(url, options));
    client.on("error", () => undefined);
    try {
      try {
        await client.connect();
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
      serverVersion: await readVersion(db),
      db,
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

/** pg answers a text of several statements with an array of results. */
function lastRows(
  result: QueryResult<SessionRow> | readonly QueryResult<SessionRow>[],
): readonly SessionRow[] {
  const last = Array.isArray(result)
    ? (result as readonly QueryResult<SessionRow>[]).at(-1)
    : (result as QueryResult<SessionRow>);
  return last?.rows ?? [];
}
