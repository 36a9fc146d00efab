import { readEventsSince, type MissedEvent } from "../storage/credential/read-events-since.ts";
import { translateStorageError } from "../storage/errors.ts";
import type { Storage } from "../storage/storage.ts";
import { createTurns, type Turns } from "../storage/turns.ts";
import { DomainError } from "../domain/errors.ts";
import type { RevocationCursor } from "./revocation-cursor.ts";

/** For how many milliseconds somebody may have been away and still go on: storage keeps changes longer than that. */
export const maxAwayMs = 60 * 60_000;

/** What somebody missed, and how far that reaches. */
export interface Missed {
  readonly events: readonly MissedEvent[];
  readonly cursor: RevocationCursor;
}

/** How many may wait for what they missed. */
export const maxReturning = 1_000;

type QuickStorage = Pick<Storage, "quick">;

const turns = new WeakMap<QuickStorage, Turns>();

function turnsOf(storage: QuickStorage): Turns {
  const known = turns.get(storage) ?? createTurns(maxReturning, tooMany);
  turns.set(storage, known);
  return known;
}

function tooMany(): DomainError {
  const message =
    "too many come back to watch revocations at once; retry, or start without a cursor";
  return new DomainError("LIMIT_EXCEEDED", message, { limit: "watches" });
}

/**
 * Reads what changed since a cursor; undefined: it cannot be told any more, or is more than `limit` changes. Fails with a
 * DomainError, STORAGE_UNAVAILABLE when the database does not answer.
 */
export async function missedRevocations(
  storage: QuickStorage,
  from: RevocationCursor,
  limit: number,
): Promise<Missed | undefined> {
  try {
    // One at a time, so that those who follow the log always find a connection: many who come back at once must not keep
    // this process from hearing of revocations.
    const read = await turnsOf(storage).take(() =>
      storage.quick((db) => readEventsSince(db, from.xmin, limit)),
    );
    const { events, server, xmin, now } = read;
    // Another run of the server, or one that has not come as far, may never have had what the cursor is beyond.
    if (server !== from.server || xmin < from.xmin) return undefined;
    // Where its clock went back, nobody knows how long it is since the cursor.
    if (now < from.completeAt || now - from.completeAt > maxAwayMs) return undefined;
    return events.length > limit
      ? undefined
      : { events, cursor: { server, xmin, completeAt: now } };
  } catch (error) {
    throw translateStorageError(error);
  }
}
