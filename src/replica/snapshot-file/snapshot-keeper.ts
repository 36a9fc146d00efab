import type { Replica } from "../replica.ts";
import { confirmSnapshot } from "./confirm-snapshot.ts";
import { writeSnapshot } from "./write-snapshot.ts";

/** What a keeper of a snapshot file works with. */
export interface KeeperDeps {
  readonly path: string;
  readonly release: string;
  readonly replica: Pick<Replica, "current" | "ageMs">;
  /** The time, in milliseconds since 1970. */
  readonly wallClock: () => number;
  /** The clock of the replica. */
  readonly now: () => number;
  /** When storage confirmed the state that the replica began with, if it came from the file. */
  readonly startedFrom: number | undefined;
  readonly events: KeeperEvents;
  /** How long to wait at first and between two looks; a second and 30 unless set. */
  readonly firstMs?: number;
  readonly intervalMs?: number;
}

/** Who is told how the keeping goes. */
export interface KeeperEvents {
  /** The file cannot be written; told again only when it is for another reason. */
  readonly onWriteFailure: (error: unknown) => void;
  /** It was written again after a failure. */
  readonly onWriteRecovery: () => void;
}

/** Keeps a snapshot file in step with a replica. */
export interface SnapshotKeeper {
  /** When storage confirmed the state that the file holds, in milliseconds since 1970; undefined when it was not written. */
  readonly confirmedAt: () => number | undefined;
  /** Brings the file up to date for the last time. */
  readonly close: () => Promise<void>;
}

/** After a write the keeper rests for so many times as long as that took: writing takes 5 % of a processor at most. */
const restFactor = 20;

/** Begins to keep: soon, and then every 30 seconds a changed state is written, or an unchanged one confirmed. */
export function createSnapshotKeeper(deps: KeeperDeps): SnapshotKeeper {
  const { path, release, replica, events } = deps;
  const { firstMs = 1000, intervalMs = 30_000 } = deps;
  let confirmation = confirmationNow(deps.startedFrom);
  let written: number | undefined;
  let failure: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  /** When storage last confirmed the state, by both clocks. The one of the replica tells whether it did again. */
  function confirmationNow(
    wall?: number,
  ): { readonly at: number; readonly wall: number } | undefined {
    const ageMs = replica.ageMs();
    if (ageMs === undefined) return undefined;
    return { at: deps.now() - ageMs, wall: wall ?? deps.wallClock() - ageMs };
  }

  /** Writes what is new; tells how long that took. */
  async function keep(): Promise<number> {
    const state = replica.current();
    const latest = confirmationNow();
    if (state === undefined || latest === undefined) return 0;
    // While a machine sleeps only one of the clocks goes on: an old confirmation keeps its time.
    if (confirmation === undefined || latest.at - confirmation.at > sameMs) confirmation = latest;
    const confirmedAt = Math.trunc(confirmation.wall);
    const start = performance.now();
    const now = deps.wallClock();
    const isKept = await confirmSnapshot(path, { point: state, release, confirmedAt, now });
    if (!isKept) await writeSnapshot(path, { state, release, confirmedAt });
    written = confirmedAt;
    return performance.now() - start;
  }

  async function tryToKeep(): Promise<number> {
    try {
      const ms = await keep();
      if (failure !== undefined) events.onWriteRecovery();
      failure = undefined;
      return ms;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      if (reason !== failure) events.onWriteFailure(error);
      failure = reason;
      return 0;
    }
  }

  function schedule(delayMs: number): void {
    if (closed) return;
    timer = setTimeout(() => {
      running = tryToKeep().then((ms) => schedule(Math.max(intervalMs, restFactor * ms)));
    }, delayMs);
    timer.unref();
  }

  schedule(firstMs);
  return {
    confirmedAt: () => written,
    close: async () => {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      await running;
      await tryToKeep();
    },
  };
}

// Clocks are read one after the other.
const sameMs = 20;
