import { DomainError } from "../../domain/errors.ts";
import type { Storage, Tx } from "../storage.ts";
import { retrying } from "../transaction.ts";

/** How many writes of credentials one process may have under way: they leave connections to those who read. */
export const maxConcurrent = 6;

/** How many may wait beside these. */
export const maxWaiting = 1_000;

interface Queue {
  running: number;
  readonly waiting: (() => void)[];
}

const queues = new WeakMap<Storage, Queue>();

/**
 * Runs `use` in one transaction, again when the database says that another one got in the way. Each statement sees what is committed
 * when it starts, so that whoever has waited for a lock sees what the one before has done. Unlike changes of the
 * configuration, those of different subjects do not wait for each other. Throws a DomainError, LIMIT_EXCEEDED
 * (`credential_writers`) among them.
 */
export async function inCredentialTransaction<T>(
  storage: Storage,
  use: (tx: Tx) => Promise<T>,
): Promise<T> {
  const queue = queueOf(storage);
  await enter(queue);
  try {
    return await retrying(() =>
      storage.db.transaction().setIsolationLevel("read committed").execute(use),
    );
  } finally {
    const next = queue.waiting.shift();
    if (next === undefined) queue.running -= 1;
    else next();
  }
}

function queueOf(storage: Storage): Queue {
  const queue = queues.get(storage) ?? { running: 0, waiting: [] };
  queues.set(storage, queue);
  return queue;
}

async function enter(queue: Queue): Promise<void> {
  if (queue.running < maxConcurrent) {
    queue.running += 1;
    return;
  }
  if (queue.waiting.length >= maxWaiting) throw tooMany();
  await new Promise<void>((resolve) => {
    queue.waiting.push(resolve);
  });
}

function tooMany(): DomainError {
  return new DomainError(
    "LIMIT_EXCEEDED",
    `${maxWaiting} writes of credentials wait for their turn already; nothing was written; retry`,
    { limit: "credential_writers" },
  );
}
