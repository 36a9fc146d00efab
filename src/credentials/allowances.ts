/** How often each of many may do something: so often at once, and so much more for each second. */
export interface Allowances {
  /** How often somebody may do it now; not a whole number, and negative when it was overdrawn. */
  readonly leftOf: (who: string) => number;
  /** Somebody did it. */
  readonly charge: (who: string) => void;
}

/** What allowances there are. */
export interface AllowanceLimits {
  /** How often at once, for who did nothing for a while. */
  readonly atOnce: number;
  readonly perSecond: number;
  /** How far it may be overdrawn by what was under way together. */
  readonly maxDebt: number;
  /** How many are told apart; the one that was charged longest ago is forgotten first. */
  readonly max: number;
}

interface Allowance {
  readonly left: number;
  readonly at: number;
}

/** Creates allowances of which nobody has used anything. `now` is a clock that does not jump, in milliseconds. */
export function createAllowances(limits: AllowanceLimits, now: () => number): Allowances {
  const { atOnce, perSecond, maxDebt, max } = limits;
  // In the order in which they were charged last.
  const used = new Map<string, Allowance>();

  function leftOf(who: string): number {
    const allowance = used.get(who);
    if (allowance === undefined) return atOnce;
    return Math.min(atOnce, allowance.left + ((now() - allowance.at) / 1000) * perSecond);
  }

  return {
    leftOf,
    charge: (who) => {
      const left = Math.max(leftOf(who) - 1, -maxDebt);
      used.delete(who);
      used.set(who, { left, at: now() });
      for (const oldest of used.keys()) {
        if (used.size <= max) break;
        used.delete(oldest);
      }
    },
  };
}
