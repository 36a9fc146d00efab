import { setTimeout } from "node:timers/promises";
import { quantile } from "../statistics.ts";
import type { LoadRun } from "./messages.ts";

/** Until when something is done, and how much of it at a time. */
export interface Lanes {
  readonly inFlight: number;
  /** Whether number `index` is begun. */
  readonly goesOn: (index: number) => boolean;
  /** How many are due in a second; undefined: each at once after the one before. */
  readonly perSecond?: number | undefined;
}

/** Does something again and again, in so many lanes. Each counts from when it was due. The first failure ends it. */
export async function inLanes(
  { inFlight, goesOn, perSecond }: Lanes,
  work: (index: number) => Promise<void>,
): Promise<LoadRun> {
  const times: number[] = [];
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (;;) {
      const index = next;
      if (!goesOn(index)) return;
      next += 1;
      const dueAt =
        perSecond === undefined ? performance.now() : startedAt + (index * 1000) / perSecond;
      const early = dueAt - performance.now();
      if (early > 0) await setTimeout(early);
      await work(index);
      times.push(performance.now() - dueAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const ascending = Float64Array.from(times).sort();
  return {
    ...{ calls: times.length, seconds, loadCpuSeconds: (user + system) / 1e6 },
    ...{ p50: quantile(ascending, 0.5), p99: quantile(ascending, 0.99) },
  };
}

/** Goes on for so many seconds from now. */
export function forSeconds(seconds: number): () => boolean {
  const endAt = performance.now() + seconds * 1000;
  return () => performance.now() < endAt;
}
