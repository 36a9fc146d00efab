import { createAllowances } from "./allowances.ts";

/** Counts how often a source shows what does not exist: while many look-ups wait, none is made for one that did so too often. */
export interface SourceLimiter {
  /** Whether the source has something left of what it is allowed. */
  admits(source: string): boolean;
  /** It had something looked up that does not exist, or showed a wrong secret. */
  charge(source: string): void;
}

/** How many unknown ones a source is allowed in a second. */
export const unknownPerSecond = 50;

/** How many at once by a source that had none looked up for a while. */
export const unknownAtOnce = 100;

/** How many sources are told apart; the one that was charged longest ago is forgotten first. */
export const maxSources = 10_000;

/** Creates a limiter that knows nobody. `now` is a clock that does not jump, in milliseconds. */
export function createSourceLimiter(now: () => number): SourceLimiter {
  // Those that were under way together may overdraw it, but nobody pays for longer than two seconds.
  const maxDebt = 2 * unknownPerSecond;
  const limits = { atOnce: unknownAtOnce, perSecond: unknownPerSecond, maxDebt, max: maxSources };
  const { leftOf, charge } = createAllowances(limits, now);
  return { admits: (source) => leftOf(source) >= 1, charge };
}
