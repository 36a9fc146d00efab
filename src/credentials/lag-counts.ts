/** How long revocations took from their commit until this process acted on them, as a histogram. */
export interface LagCounts {
  /** How many took at most the bound of the same place (lagBounds), and more than the one before; the last: longer than all. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** The bounds of the histogram, in seconds; 2 is the promise. */
export const lagBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 30, 300] as const;

/** Counts lags. */
export interface LagCounter {
  /** Takes the milliseconds of one; less than nothing (clocks) counts as nothing. */
  readonly observe: (ms: number) => void;
  readonly read: () => LagCounts;
}

/** Creates a counter that has seen none. */
export function createLagCounter(): LagCounter {
  const counts = Array.from({ length: lagBounds.length + 1 }, () => 0);
  let sumSeconds = 0;
  return {
    observe(ms) {
      const seconds = Math.max(0, ms) / 1000;
      const found = lagBounds.findIndex((bound) => seconds <= bound);
      const place = found === -1 ? lagBounds.length : found;
      counts[place] = (counts[place] ?? 0) + 1;
      sumSeconds += seconds;
    },
    read: () => ({ counts, sumSeconds }),
  };
}
