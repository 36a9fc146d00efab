import { readState } from "../storage/read-state.ts";
import {
  readChangeHash,
  readRevisionPoint,
  type RevisionPoint,
} from "../storage/revision-point.ts";
import type { Storage } from "../storage/database.ts";
import type { EngineWarning } from "../engine/snapshot.ts";
import { createSingleFlight } from "./single-flight.ts";
import { DomainError } from "../domain/errors.ts";
import { createReplicaState, type ReplicaState } from "./state.ts";
import { createWaitingRoom } from "./waiting-room.ts";

/** What a replica tells those who watch over the process. */
export interface ReplicaEvents {
  /** A new state is in force. */
  readonly onState?: (state: ReplicaState) => void;
  /**
   * Storage did not answer (STORAGE_UNAVAILABLE), is not the database or not in the history that this replica
   * follows (ForeignHistoryError), or holds what no state can be made of. The replica goes on with the state
   * it has, tries again, and tells of the next failure only when it is another one.
   */
  readonly onFailure?: (error: unknown) => void;
  /** The replica follows again after a failure. */
  readonly onRecovery?: () => void;
  /** The engine met something odd in the configuration, such as a group that nobody defined. */
  readonly onWarning?: (warning: EngineWarning) => void;
}

/** The database is not the one, or not in the history, that a replica follows. */
export class ForeignHistoryError extends Error {
  override readonly name = "ForeignHistoryError";
}

/** How a replica follows storage. Times are milliseconds. */
export interface ReplicaOptions {
  /** How long after the last answer of storage the snapshot may still be used. */
  readonly maxStalenessMs: number;
  /** How long the replica waits between two looks at the revision. */
  readonly pollIntervalMs: number;
  /** A clock that does not jump; only differences count. */
  readonly now: () => number;
}

/** Keeps one immutable state in step with storage. */
export interface Replica {
  /** The state in force, or undefined when none was ever loaded or it is older than max_staleness. */
  current(): ReplicaState | undefined;
  /** Milliseconds since storage last confirmed the state; undefined when none was ever loaded. */
  ageMs(): number | undefined;
  /**
   * Brings the state to the newest revision: when it resolves, the state holds all that was committed before
   * the call. However many ask at once, storage is asked once. Fails with STORAGE_UNAVAILABLE when storage
   * does not answer, and with ForeignHistoryError.
   */
  refresh(): Promise<void>;
  /** Waits until the state is at `revision` or later; undefined when that takes longer than `timeoutMs`. */
  waitFor(
    revision: bigint,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<ReplicaState | undefined>;
  /** Loads the first state and begins to follow. A failure is reported as an event and retried. */
  start(): Promise<void>;
  /** Stops following. Does not close the storage. */
  close(): Promise<void>;
}

/** Creates a replica that does not follow yet. */
export function createReplica(
  storage: Storage,
  options: ReplicaOptions,
  events: ReplicaEvents = {},
): Replica {
  let state: ReplicaState | undefined;
  let confirmedAt = 0;
  /** What the last failure was, while it lasts. */
  let failing: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const room = createWaitingRoom();
  const flight = createSingleFlight(step);

  async function step(): Promise<void> {
    const askedAt = options.now();
    try {
      const point = await readRevisionPoint(storage);
      if (state === undefined || isAhead(point, state)) await load(askedAt);
      else if (isSame(point, state)) confirmedAt = askedAt;
      else throw foreignHistory(point, state);
      if (failing !== undefined) events.onRecovery?.();
      failing = undefined;
    } catch (error) {
      const kind = error instanceof DomainError ? error.reason : String(error);
      if (kind !== failing) events.onFailure?.(error);
      failing = kind;
      throw error;
    }
  }

  async function load(askedAt: number): Promise<void> {
    const stored = await readState(storage, state);
    if (state !== undefined && !(await continues(stored, state))) {
      throw foreignHistory(stored, state);
    }
    state = createReplicaState(stored, state, events.onWarning);
    confirmedAt = askedAt;
    events.onState?.(state);
    room.wakeAll();
  }

  // Whether the change that made our revision is still part of the history that the database tells.
  async function continues(stored: RevisionPoint, mine: ReplicaState): Promise<boolean> {
    if (stored.databaseId !== mine.databaseId || stored.revision < mine.revision) return false;
    if (mine.revision === 0n) return true;
    const hash = await readChangeHash(storage, mine.revision);
    return hash !== undefined && Buffer.compare(hash, mine.chainHash) === 0;
  }

  function schedule(): void {
    if (closed) return;
    timer = setTimeout(() => {
      void flight
        .run()
        .catch(() => undefined)
        .finally(schedule);
    }, options.pollIntervalMs);
    timer.unref();
  }

  return {
    current: () =>
      state !== undefined && options.now() - confirmedAt <= options.maxStalenessMs
        ? state
        : undefined,
    ageMs: () => (state === undefined ? undefined : options.now() - confirmedAt),
    refresh: flight.run,
    waitFor: async (revision, timeoutMs, signal) => {
      const end = options.now() + timeoutMs;
      for (;;) {
        const now = state;
        if (now !== undefined && now.revision >= revision) return now;
        const left = end - options.now();
        if (left <= 0 || signal?.aborted === true || closed) return undefined;
        void flight.run().catch(() => undefined);
        await room.wait(Math.min(left, options.pollIntervalMs), signal);
      }
    },
    start: async () => {
      await flight.run().catch(() => undefined);
      schedule();
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      room.wakeAll();
      await flight.settled();
    },
  };
}

function isSame(point: RevisionPoint, state: ReplicaState): boolean {
  return (
    point.databaseId === state.databaseId &&
    point.revision === state.revision &&
    Buffer.compare(point.chainHash, state.chainHash) === 0
  );
}

function isAhead(point: RevisionPoint, state: ReplicaState): boolean {
  return point.databaseId === state.databaseId && point.revision > state.revision;
}

// A lower revision, another database, or another hash at the same revision: a restored or forked database
// is never followed silently. The state in force ages and is given up at max_staleness.
function foreignHistory(point: RevisionPoint, mine: RevisionPoint): ForeignHistoryError {
  return new ForeignHistoryError(
    `the database is at revision ${point.revision} of ${point.databaseId}, ` +
      `which does not continue revision ${mine.revision} of ${mine.databaseId}`,
  );
}
