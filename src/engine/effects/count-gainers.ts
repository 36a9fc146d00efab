import type { Cohort, Cohorts } from "./cohorts.ts";
import type { Gainers } from "./compare-shift.ts";
import type { EffectCount } from "./effects.ts";

/** Counts those who gain anything, each once. */
export interface GainerCount {
  add(gainers: Gainers): void;
  total(): EffectCount;
}

/** Starts at nobody. */
export function createGainerCount(cohorts: Cohorts): GainerCount {
  const whole = new Set<Cohort>();
  const single = new Set<string>();
  return {
    add(gainers) {
      for (const cohort of gainers.cohorts) whole.add(cohort);
      for (const identity of gainers.identities) single.add(identity);
    },
    total() {
      const count = { identity: 0, glob: 0 };
      for (const { kind, names } of whole) count[kind] += names.length;
      for (const identity of single) {
        const cohort = cohorts.find(identity);
        if (cohort === undefined || !whole.has(cohort)) count.identity += 1;
      }
      return { identities: count.identity, globs: count.glob };
    },
  };
}
