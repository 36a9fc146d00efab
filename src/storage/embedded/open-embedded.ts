import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Kysely, PGliteDialect, sql } from "kysely";
import { ConnectionError } from "../connection-error.ts";
import { translateStorageError } from "../errors.ts";
import type { Database } from "../schema.ts";
import type { Storage } from "../storage.ts";
import { startWorker } from "./client.ts";
import { lockDirectory, type DirectoryLock } from "./directory-lock.ts";
import { createPGliteProxy } from "./pglite-proxy.ts";

/**
 * Opens the embedded database of a directory, which is made if it is missing and then closed to other
 * users. The first time takes some seconds. Throws EmbeddedLockedError or STORAGE_UNAVAILABLE.
 */
export async function openEmbedded(directory: string): Promise<Storage> {
  const path = resolve(directory);
  const lock = prepareDirectory(path);
  try {
    const dataDirectory = join(path, "data");
    if (!existsSync(dataDirectory)) await initialize(dataDirectory);
    const client = await startWorker({ dataDirectory });
    const { pglite, session } = createPGliteProxy(client);
    const db = new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) });
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await client.close();
      lock.release();
    };
    const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db);
    return {
      kind: "embedded",
      description: path,
      serverVersion: rows[0]?.server_version ?? "",
      db,
      quick: (use) => use(db),
      watch: () => ({ close: () => Promise.resolve() }),
      session,
      exec: (text) => session(async (run) => void (await run(text))),
      close: () => (closed ??= close()),
    };
  } catch (error) {
    lock.release();
    throw translateStorageError(error);
  }
}

/** Whether a directory holds an embedded database. Makes nothing. */
export function hasEmbedded(directory: string): boolean {
  return existsSync(join(resolve(directory), "data"));
}

/** Makes the database beside its place: one that is interrupted here is begun anew the next time. */
async function initialize(dataDirectory: string): Promise<void> {
  const draft = `${dataDirectory}.new`;
  rmSync(draft, { recursive: true, force: true });
  const client = await startWorker({ dataDirectory: draft });
  await client.close();
  renameSync(draft, dataDirectory);
}

function prepareDirectory(path: string): DirectoryLock {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  } catch (cause) {
    const error = new ConnectionError(`cannot use the directory ${path}`, { cause });
    throw translateStorageError(error);
  }
  return lockDirectory(path);
}
