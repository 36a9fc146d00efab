import { Kysely, PostgresDialect, type PostgresPoolClient } from "kysely";
import { ConnectionError } from "../connection-error.ts";
import type { Database } from "../schema.ts";
import { quickTimeoutMs, type Storage } from "../storage.ts";
import { startDeadline } from "./deadline.ts";
import type { Lease, LeasePool } from "./pool.ts";

/** Makes the short reads of a storage on connections of `pool`; `onSilence` is told of an answer that did not come. */
export function createQuick(pool: LeasePool, onSilence: () => void): Storage["quick"] {
  return async (use, timeoutMs = quickTimeoutMs) => {
    const lent = new Set<Lease>();
    let over = false;
    const { promise: givenUp, reject } = Promise.withResolvers<never>();

    function giveUp(afterMs: number): void {
      over = true;
      reject(new ConnectionError(`no answer of the database within ${afterMs} ms`));
      // Without a connection it only waited for one, and nobody was silent.
      if (lent.size > 0) onSilence();
      for (const lease of lent) lease.destroy();
    }

    async function connect(): Promise<PostgresPoolClient> {
      const lease = await pool.connect();
      if (over) {
        lease.release();
        throw new ConnectionError("the time for this read is over");
      }
      lent.add(lease);
      const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
        const silence = startDeadline(quickTimeoutMs, () => giveUp(quickTimeoutMs));
        const stopListening = lease.onBytes(silence.extend);
        try {
          return await lease.query(text, parameters);
        } finally {
          stopListening();
          silence.end();
        }
      };
      return {
        query: query as PostgresPoolClient["query"],
        release: (destroy) => {
          lent.delete(lease);
          lease.release(destroy);
        },
      };
    }

    const end = (): Promise<void> => Promise.resolve();
    const db = new Kysely<Database>({
      dialect: new PostgresDialect({ pool: { connect, end, options: {} } }),
    });
    const deadline = startDeadline(timeoutMs, () => giveUp(timeoutMs));
    try {
      return await Promise.race([use(db), givenUp]);
    } finally {
      deadline.end();
    }
  };
}
