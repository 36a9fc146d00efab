import { setTimeout } from "node:timers/promises";
import { DomainError } from "../domain/errors.ts";
import { isRetryable, translateStorageError } from "./errors.ts";
import type { Db, Storage, Tx } from "./storage.ts";
import { createTurns, type Turns } from "./turns.ts";

/** How often a transaction is tried before a conflict is reported. */
const attempts = 5;

/** Runs `use` in one transaction that sees one state and changes nothing. Throws a DomainError. */
export async function inReadTransaction<T>(
  storage: Storage,
  use: (tx: Tx) => Promise<T>,
): Promise<T> {
  return retrying(() => inReadTransactionOf(storage.db, use));
}

async function inReadTransactionOf<T>(db: Db, use: (tx: Tx) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(use);
}

/** How long a short transaction may take, in milliseconds. */
const shortTimeoutMs = 5_000;

/**
 * The same for a few reads that somebody waits for: on a connection that never waits for others, and given up after
 * 5 seconds, so that a database that went silent is noticed. Throws a DomainError.
 */
export async function inShortReadTransaction<T>(
  storage: Storage,
  use: (tx: Tx) => Promise<T>,
): Promise<T> {
  const read = (db: Db): Promise<T> => inReadTransactionOf(db, use);
  return retrying(() => storage.quick(read, shortTimeoutMs));
}

/**
 * The same for a short write that must not wait behind others, which may hang at a table that is locked. When it is given up nobody
 * knows whether it was done, so it must be safe to repeat. Throws a DomainError.
 */
export async function inShortWriteTransaction<T>(
  storage: Storage,
  use: (tx: Tx) => Promise<T>,
): Promise<T> {
  const write = (db: Db): Promise<T> =>
    db.transaction().setIsolationLevel("read committed").execute(use);
  return retrying(() => storage.quick(write, shortTimeoutMs));
}

/** How many writes of one process may wait for their turn, or be under way, at once: each holds what it is to write. */
export const maxWriters = 250;

/**
 * Runs `use` in one transaction, again when the database says that another one got in the way. Each
 * statement sees what is committed when it starts, so that whoever has waited for a lock sees what the
 * one before has done. Those of one process queue here, so that waiting writers hold no connections that
 * readers need; who leaves the queue because the signal aborted has written nothing. Throws a DomainError, LIMIT_EXCEEDED
 * (`writers`) among them, and what Turns.take says of the signal.
 */
export async function inWriteTransaction<T>(
  storage: Storage,
  use: (tx: Tx) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const write = (): Promise<T> =>
    retrying(() => storage.db.transaction().setIsolationLevel("read committed").execute(use));
  return writersOf(storage).take(write, signal);
}

/** The queue of each storage. */
const writers = new WeakMap<Storage, Turns>();

function writersOf(storage: Storage): Turns {
  const turns = writers.get(storage) ?? createTurns(maxWriters, tooManyWriters);
  writers.set(storage, turns);
  return turns;
}

function tooManyWriters(): DomainError {
  return new DomainError(
    "LIMIT_EXCEEDED",
    `${maxWriters} writes wait for their turn already; nothing was written; retry`,
    { limit: "writers" },
  );
}

/** Tries a transaction anew as long as another one got in its way. Throws a DomainError. */
export async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (count === attempts || !isRetryable(error)) throw translateStorageError(error);
      // Waits grow and differ, so that two that collided do not collide again.
      await setTimeout(2 ** count * 5 * (1 + Math.random()));
    }
  }
}
