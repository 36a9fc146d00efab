import type { PostgresPool, PostgresPoolClient } from "kysely";
import { Pool, type ClientConfig, type PoolClient } from "pg";
import { ConnectionError, isConnectionFault } from "../connection-error.ts";
import type { StorageOptions } from "../storage.ts";
import { typeParsers } from "./parsers.ts";

/** The settings of every connection, pooled or not. */
export function connectionConfig(url: string, options: StorageOptions): ClientConfig {
  return {
    connectionString: url,
    application_name: "fleetgate",
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
    types: typeParsers,
  };
}

/**
 * A bounded pool as kysely wants it. A connection that broke or stopped answering is thrown away when it
 * is given back, and whatever goes wrong while connecting is a ConnectionError.
 */
export function createPool(
  url: string,
  options: StorageOptions,
): { readonly pool: PostgresPool; readonly end: () => Promise<void> } {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const pool = new Pool({
    ...connectionConfig(url, options),
    max: options.poolSize ?? 10,
    // The server's own limit comes first; this one is for a server that went silent.
    query_timeout: statementTimeoutMs + 5_000,
  });
  pool.on("error", (error) => options.onIdleError?.(error));
  // The pool listens to idle clients only: one that breaks while lent out would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const clients = new WeakMap<PoolClient, PostgresPoolClient>();

  async function connect(): Promise<PostgresPoolClient> {
    try {
      const client = await pool.connect();
      let wrapped = clients.get(client);
      if (wrapped === undefined) {
        wrapped = wrapClient(client);
        clients.set(client, wrapped);
        await prepare(client, statementTimeoutMs);
      }
      return wrapped;
    } catch (error) {
      throw new ConnectionError("no connection to the database", { cause: error });
    }
  }

  return { pool: { connect, end: () => pool.end(), options: {} }, end: () => pool.end() };
}

/** Bounds what a connection may do. No start-up parameters: connection poolers refuse these. */
async function prepare(client: PoolClient, statementTimeoutMs: number): Promise<void> {
  try {
    await client.query(
      `set statement_timeout = ${statementTimeoutMs};
       set lock_timeout = 5000;
       set idle_in_transaction_session_timeout = 60000`,
    );
  } catch (error) {
    client.release(true);
    throw error;
  }
}

function wrapClient(client: PoolClient): PostgresPoolClient {
  let broken = false;
  const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      broken ||= isConnectionFault(error);
      throw error;
    }
  };
  return {
    // Cursors, the other form that kysely knows, are not used.
    query: query as PostgresPoolClient["query"],
    release: (destroy) => client.release(destroy === true || broken),
  };
}
