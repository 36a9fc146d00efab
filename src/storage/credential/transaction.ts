import { DomainError } from "../../domain/errors.ts";
import { createFairQueue, type FairQueue, type WorkOf } from "../fair-queue.ts";
import type { Storage, Tx } from "../storage.ts";
import { retrying } from "../transaction.ts";

/**
 * How many writes of credentials one process may have under way: they leave connections to those who read. And how many of these may be
 * of one peer while others wait; a fleet's hosts that share one key are one peer, so alone it may have all but one.
 */
export const maxConcurrent = { inAll: 6, ofPeer: 3 } as const;

/** How many may wait beside these. */
export const maxWaiting = { inAll: 1_000, ofPeer: 250 } as const;

/** Of whom a write is. A stranger shows, from an address, what only the transaction judges: anybody can be one, and many of them. */
export type WriteOf = WorkOf | { readonly stranger: string };

interface Queues {
  readonly all: FairQueue;
  /** Where strangers wait for each other. All of them are one peer among the others. */
  readonly strangers: FairQueue;
}

const queues = new WeakMap<Storage, Queues>();

/**
 * Runs `use` in one transaction, again when the database says that another one got in the way. Each statement sees what is committed
 * when it starts, so that whoever has waited for a lock sees what the one before has done. Unlike changes of the
 * configuration, those of different subjects do not wait for each other; peers take turns. Throws a DomainError, LIMIT_EXCEEDED
 * (`credential_writers`, `credential_writers_of_peer`) among them.
 */
export async function inCredentialTransaction<T>(
  storage: Storage,
  of: WriteOf,
  use: (tx: Tx) => Promise<T>,
): Promise<T> {
  const write = (): Promise<T> =>
    retrying(() => storage.db.transaction().setIsolationLevel("read committed").execute(use));
  const { all, strangers } = queuesOf(storage);
  if (of === "server" || "peer" in of) return all.run(of, write);
  return strangers.run({ peer: of.stranger }, () => all.run({ peer: "strangers" }, write));
}

function queuesOf(storage: Storage): Queues {
  const queue = queues.get(storage) ?? { all: createQueue(), strangers: createQueue() };
  queues.set(storage, queue);
  return queue;
}

function createQueue(): FairQueue {
  return createFairQueue(
    {
      ...{ places: maxConcurrent.inAll, placesOfPeer: maxConcurrent.ofPeer },
      ...{ waiting: maxWaiting.inAll, waitingOfPeer: maxWaiting.ofPeer },
    },
    {
      tooMany: () => tooMany("credential_writers", maxWaiting.inAll, "of credentials"),
      tooManyOfPeer: () =>
        tooMany("credential_writers_of_peer", maxWaiting.ofPeer, "of credentials by this peer"),
    },
  );
}

function tooMany(limit: string, max: number, what: string): DomainError {
  const message = `${max} writes ${what} wait for their turn already; nothing was written; retry`;
  return new DomainError("LIMIT_EXCEEDED", message, { limit });
}
