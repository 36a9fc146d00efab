import { countLiveHolds } from "../../storage/credential/live-holds.ts";
import { sweptNothing, type Swept } from "../../storage/credential/sweep.ts";
import { sweptThings } from "../../storage/credential/sweep-rules.ts";
import type { Storage } from "../../storage/storage.ts";
import { sweep } from "./sweep.ts";

/** What a sweeper has done since it began. */
export interface SweeperStatus {
  /** How many of each it removed. */
  readonly removed: Swept;
  readonly failures: number;
  /** When it last found nothing more to do, or another one doing it, in milliseconds since 1970; undefined: never. */
  readonly sweptAt: number | undefined;
  /** How many holds were live then, over all replicas; undefined: it was not counted yet. */
  readonly liveHolds: number | undefined;
}

/** Removes what is past its retention, each minute. */
export interface Sweeper {
  readonly status: () => SweeperStatus;
  /** Sweeps now, or joins the sweep that is at work. Never rejects. */
  readonly run: () => Promise<void>;
  /** Ends after the batch that is at work. */
  readonly close: () => Promise<void>;
}

/** How a sweeper works. */
export interface SweeperOptions {
  /** For how many milliseconds audit events are kept. */
  readonly auditMs: number;
  /** Milliseconds between two sweeps; a minute unless set. */
  readonly everyMs?: number;
  /** Told of the first failure, and of the next one after a success. */
  readonly onFailure: (error: unknown) => void;
}

/** Starts a sweeper. The first sweep comes after a while, not at once: many replicas may start together. */
export function startSweeper(storage: Storage, options: SweeperOptions): Sweeper {
  const { auditMs, everyMs = 60_000, onFailure } = options;
  const ending = new AbortController();
  const removed = { ...sweptNothing };
  let failures = 0;
  let failing = false;
  let sweptAt: number | undefined;
  let liveHolds: number | undefined;
  let running: Promise<void> | undefined;

  async function sweepOnce(): Promise<void> {
    try {
      const swept = await sweep(storage, { auditMs, wait: false, signal: ending.signal });
      for (const thing of sweptThings) removed[thing] += swept?.[thing] ?? 0;
      liveHolds = await countLiveHolds(storage.db);
      sweptAt = Date.now();
      failing = false;
    } catch (error) {
      failures += 1;
      if (!failing) onFailure(error);
      failing = true;
    } finally {
      running = undefined;
    }
  }
  const run = (): Promise<void> => (running ??= sweepOnce());

  const timer = setInterval(() => void run(), everyMs);
  timer.unref();
  return {
    status: () => ({ removed: { ...removed }, failures, sweptAt, liveHolds }),
    run,
    close: async () => {
      clearInterval(timer);
      ending.abort();
      await running;
    },
  };
}
