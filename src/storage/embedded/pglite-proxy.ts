import type { PGlite } from "kysely";
import type { RunSql } from "../storage.ts";
import type { WorkerClient } from "./client.ts";
import type { StatementResult } from "./protocol.ts";

type Query = (sql: string, parameters?: readonly unknown[]) => Promise<StatementResult>;

/** The members of PGlite that kysely's dialect uses, and sessions, performed by the thread. */
export interface PGliteProxy {
  readonly pglite: PGlite;
  readonly session: <T>(use: (run: RunSql) => Promise<T>) => Promise<T>;
}

/** Makes a thread with the embedded database look like PGlite. */
export function createPGliteProxy(client: WorkerClient): PGliteProxy {
  const exclusively = createMutex();

  const query: Query = async (sql, parameters = []) => {
    const [result] = await client.send({ kind: "query", sql, parameters: [...parameters] });
    return result ?? { rows: [], fields: [] };
  };
  const run: RunSql = async (sql) => (await client.send({ kind: "exec", sql })).at(-1)?.rows ?? [];

  const pglite = {
    ready: true,
    waitReady: Promise.resolve(),
    get closed() {
      return client.isClosed();
    },
    close: () => client.close(),
    query: (sql: string, parameters?: readonly unknown[]) =>
      exclusively(() => query(sql, parameters)),
    transaction: <T>(use: (tx: { query: Query }) => Promise<T>) =>
      exclusively(() => inTransaction(query, use)),
  };
  return {
    // The types of kysely allow options in a query that its dialect never sends.
    pglite: pglite as unknown as PGlite,
    session: (use) => exclusively(() => inSession(run, use)),
  };
}

/**
 * Begins, runs `use`, and commits or rolls back. `use` is called even if the beginning failed, and meets
 * the failure in its first query: kysely waits for the call without looking for a rejection. As a failed
 * query aborts its transaction, and COMMIT would then roll back in silence, that is an error here.
 */
async function inTransaction<T>(
  query: Query,
  use: (tx: { query: Query }) => Promise<T>,
): Promise<T> {
  let failure: Error | undefined;
  const guarded: Query = async (sql, parameters) => {
    if (failure !== undefined) throw failure;
    try {
      return await query(sql, parameters);
    } catch (error) {
      failure = error as Error;
      throw error;
    }
  };
  await guarded("begin").catch(() => undefined);
  try {
    const result = await use({ query: guarded });
    if (failure !== undefined) throw failure;
    await query("commit");
    return result;
  } catch (error) {
    await query("rollback").catch(() => undefined);
    throw error;
  }
}

/** Whatever transaction the session leaves behind is rolled back: there is only this one connection. */
async function inSession<T>(run: RunSql, use: (run: RunSql) => Promise<T>): Promise<T> {
  try {
    return await use(run);
  } finally {
    await run("rollback").catch(() => undefined);
  }
}

/** Runs one function after the other, in the order of the calls. */
function createMutex(): <T>(use: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(use: () => Promise<T>) => {
    const next = last.then(use);
    last = next.catch(() => undefined);
    return next;
  };
}
