import type { PostgresPoolClient } from "kysely";
import { Pool, type ClientConfig, type PoolClient } from "pg";
import { ConnectionError, isConnectionFault } from "../connection-error.ts";
import { sqlState } from "../errors.ts";
import type { StorageOptions } from "../storage.ts";
import { startDeadline } from "./deadline.ts";
import { lastRows } from "./last-rows.ts";
import { typeParsers } from "./parsers.ts";
import { prepareSession } from "./session-settings.ts";
import { boundGoodbye, destroySocket, onBytes } from "./sockets.ts";

/** How many milliseconds a connection is idle before the kernel asks whether there is still somebody. */
const keepAliveMs = 5_000;

/**
 * What the server says when it ends a session: it was told to, crashed, dropped the database, or lost patience. The
 * connection closes only a moment later, when somebody else may have it.
 */
const endOfSession = /^(57P0|08|25P0[34])/;

/** The settings of every connection, pooled or not. */
export function connectionConfig(url: string, options: StorageOptions): ClientConfig {
  return {
    connectionString: url,
    application_name: "fleetgate",
    connectionTimeoutMillis: connectTimeoutMs(options),
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    types: typeParsers,
  };
}

function connectTimeoutMs(options: StorageOptions): number {
  return options.connectTimeoutMs ?? 5_000;
}

/** A connection that is lent out, as kysely wants it. */
export interface Lease extends PostgresPoolClient {
  /** Throws the connection away at once, whatever runs on it; `release` then does nothing. */
  readonly destroy: () => void;
  /** Calls `listener` for all that arrives, until the function that this gives is called. */
  readonly onBytes: (listener: () => void) => () => void;
}

/** A bounded pool of connections. */
export interface LeasePool {
  /** Lends a connection. Whatever goes wrong is a ConnectionError. */
  readonly connect: () => Promise<Lease>;
  /**
   * Somebody did not answer: no connection is lent out any more that has answered nothing since now. Those
   * that are lent out go on.
   */
  readonly suspectAll: () => void;
  readonly end: () => Promise<void>;
}

/**
 * Creates a pool that connects when it must. A connection that broke or stopped answering is thrown away when it
 * is given back.
 */
export function createPool(url: string, options: StorageOptions): LeasePool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const pool = new Pool({
    ...connectionConfig(url, options),
    max: options.poolSize ?? 10,
    // The server's own limit comes first; this one is for a server that went silent.
    query_timeout: statementTimeoutMs + 5_000,
  });
  pool.on("error", (error) => options.onIdleError?.(error));
  pool.on("connect", (client) => {
    // The pool listens to idle clients only: one that breaks while lent out would end the process.
    client.on("error", () => undefined);
    boundGoodbye(client);
  });
  /** How often connections were suspected until now. */
  let suspicions = 0;
  /** At which of these counts a connection answered last; those that are missing are new. */
  const answeredAt = new WeakMap<PoolClient, number>();

  async function takeClient(): Promise<PoolClient> {
    for (;;) {
      const client = await pool.connect();
      const answered = answeredAt.get(client);
      if (answered === suspicions) return client;
      if (answered === undefined) {
        await prepare(client);
        return client;
      }
      discard(client);
    }
  }

  async function prepare(client: PoolClient): Promise<void> {
    const deadline = startDeadline(connectTimeoutMs(options), () => destroySocket(client));
    try {
      await prepareSession(client, statementTimeoutMs);
      await options.admit?.(async (text) => lastRows(await client.query(text)));
      answeredAt.set(client, suspicions);
    } catch (error) {
      discard(client);
      throw error;
    } finally {
      deadline.end();
    }
  }

  function lend(client: PoolClient): Lease {
    let broken = false;
    let returned = false;
    const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
      try {
        const result = await client.query(text, [...parameters]);
        answeredAt.set(client, suspicions);
        return result;
      } catch (error) {
        broken ||= isConnectionFault(error) || endOfSession.test(sqlState(error) ?? "");
        throw error;
      }
    };
    const giveBack = (destroy: boolean): void => {
      if (returned) return;
      returned = true;
      if (destroy) discard(client);
      else client.release();
    };
    return {
      // Cursors, the other form that kysely knows, are not used.
      query: query as PostgresPoolClient["query"],
      release: (destroy) => giveBack(destroy === true || broken),
      destroy: () => giveBack(true),
      onBytes: (listener) => onBytes(client, listener),
    };
  }

  return {
    connect: async () => {
      try {
        return lend(await takeClient());
      } catch (error) {
        throw new ConnectionError("no connection to the database", { cause: error });
      }
    },
    suspectAll: () => {
      suspicions += 1;
    },
    end: () => pool.end(),
  };
}

function discard(client: PoolClient): void {
  client.release(true);
  destroySocket(client);
}
