import { DomainError } from "../domain/errors.ts";
import type { Storage } from "../storage/database.ts";
import { readRevisionPoint } from "../storage/revision-point.ts";
import { createGroupCompactor } from "./compact-groups.ts";
import { follow, load, type FollowEvents } from "./follow.ts";
import { isSamePoint } from "./history.ts";
import { createSingleFlight } from "./single-flight.ts";
import type { ReplicaState } from "./state.ts";
import { createWaitingRoom } from "./waiting-room.ts";

export { ForeignHistoryError } from "./history.ts";

/** What a replica tells those who watch over the process. */
export interface ReplicaEvents extends FollowEvents {
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
  /** Looks for something new soon: somebody said that there is. */
  nudge(): void;
  /** Hears when another state is in force; must not throw. Returns what ends it. */
  watch(listener: () => void): () => void;
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

/** A state that was kept elsewhere, and how long ago storage confirmed it. */
export interface KeptState {
  readonly state: ReplicaState;
  readonly ageMs: number;
}

/** How often in a row the changes are asked for before everything is loaded. */
const maxUntold = 2;

/** Creates a replica that does not follow yet. It begins with the kept state, if there is one. */
export function createReplica(
  storage: Storage,
  options: ReplicaOptions,
  events: ReplicaEvents = {},
  kept?: KeptState,
): Replica {
  let state = kept?.state;
  let confirmedAt = options.now() - (kept?.ageMs ?? 0);
  /** What the last failure was, while it lasts. */
  let failing: string | undefined;
  /** How often in a row storage told that there is something new, and then did not tell what. */
  let untold = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const room = createWaitingRoom();
  const listeners = new Set<() => void>();
  const flight = createSingleFlight(step);
  const compactor = createGroupCompactor((error) => events.onFailure?.(error));

  async function step(): Promise<void> {
    const askedAt = options.now();
    try {
      const point = await readRevisionPoint(storage);
      if (state === undefined) replace(await load(storage, events));
      else if (!isSamePoint(point, state)) {
        untold += 1;
        // Changes must be read in a short time, which they may not fit in; everything may take longer to load.
        const maxItems = untold > maxUntold ? 0 : undefined;
        replace(await follow(storage, state, events, maxItems));
      }
      if (state !== undefined) state = compactor.settle(state);
      untold = 0;
      confirmedAt = askedAt;
      if (failing !== undefined) events.onRecovery?.();
      failing = undefined;
    } catch (error) {
      const kind = error instanceof DomainError ? error.reason : String(error);
      if (kind !== failing) events.onFailure?.(error);
      failing = kind;
      throw error;
    }
  }

  function replace(next: ReplicaState): void {
    state = next;
    events.onState?.(next);
    room.wakeAll();
    for (const listener of listeners) listener();
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
    nudge: () => {
      if (!closed) void flight.run().catch(() => undefined);
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
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
      compactor.close();
      room.wakeAll();
      await flight.settled();
    },
  };
}
