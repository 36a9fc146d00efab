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

interface Allowance {
  left: number;
  at: number;
}

/** Creates a limiter that knows nobody. `now` is a clock that does not jump, in milliseconds. */
export function createSourceLimiter(now: () => number): SourceLimiter {
  const allowances = new Map<string, Allowance>();

  function leftOf({ left, at }: Allowance): number {
    return Math.min(unknownAtOnce, left + ((now() - at) / 1000) * unknownPerSecond);
  }

  return {
    admits: (source) => {
      const allowance = allowances.get(source);
      return allowance === undefined || leftOf(allowance) >= 1;
    },
    charge: (source) => {
      const allowance = allowances.get(source);
      const left = allowance === undefined ? unknownAtOnce : leftOf(allowance);
      allowances.delete(source);
      // Those that were under way together may overdraw it, but nobody pays for longer than two seconds.
      allowances.set(source, { left: Math.max(left - 1, -2 * unknownPerSecond), at: now() });
      for (const oldest of allowances.keys()) {
        if (allowances.size <= maxSources) break;
        allowances.delete(oldest);
      }
    },
  };
}
