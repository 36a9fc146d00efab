import { Kysely, PostgresDialect } from "kysely";
import { ConnectionError } from "../connection-error.ts";
import type { Database } from "../schema.ts";
import { quickTimeoutMs, type Storage } from "../storage.ts";
import { startDeadline } from "./deadline.ts";
import type { Lease, LeasePool } from "./pool.ts";

/** Makes the short reads of a storage; they take their connections from `pool`, and `onSilence` is told of a passed deadline. */
export function createQuick(pool: LeasePool, onSilence: () => void): Storage["quick"] {
  return async (use, timeoutMs = quickTimeoutMs) => {
    const lent = new Set<Lease>();
    let over = false;

    async function connect(): Promise<Lease> {
      const lease = await pool.connect();
      if (over) {
        lease.release();
        throw new ConnectionError("the time for this read is over");
      }
      lent.add(lease);
      return {
        ...lease,
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
    const { promise: passed, reject } = Promise.withResolvers<never>();
    const deadline = startDeadline(timeoutMs, () => {
      over = true;
      reject(new ConnectionError(`no answer of the database within ${timeoutMs} ms`));
      onSilence();
      for (const lease of lent) lease.destroy();
    });
    try {
      return await Promise.race([use(db), passed]);
    } finally {
      deadline.end();
    }
  };
}
