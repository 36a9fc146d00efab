import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import type { Cohort } from "./cohorts.ts";
import { identitiesOf, type Gainers } from "./compare-shift.ts";
import type { EffectCount } from "./effects.ts";
import type { Members } from "./members.ts";
import type { Side } from "./sides.ts";

/** Counts those who gain anything, each once. */
export interface GainerCount {
  add(gainers: Gainers): Steps<void>;
  /** Whether everybody of a cohort who was met by now is counted. */
  readonly hasWhole: (cohort: Cohort) => boolean;
  total(): Steps<EffectCount>;
}

/** Starts at nobody; groups have the members that they have in this state. */
export function createGainerCount(members: Members, side: Side): GainerCount {
  const groups = new Set<number>();
  const cohorts = new Map<Cohort, number>();
  const identities = new Set<string>();
  const globs = new Set<string>();
  return {
    *add(gainers) {
      for (const group of gainers.groups) groups.add(group);
      for (const [cohort, names] of gainers.cohorts) {
        cohorts.set(cohort, Math.max(names, cohorts.get(cohort) ?? 0));
      }
      yield* forEachInSteps(gainers.identities, (identity) => identities.add(identity));
      for (const glob of gainers.globs) globs.add(glob);
    },
    hasWhole: (cohort) => cohorts.get(cohort) === cohort.names.size,
    *total() {
      yield* forEachInSteps(identitiesOf(cohorts), (identity) => identities.add(identity));
      const inGroups = yield* members.inGroups(side, groups);
      yield* forEachInSteps(inGroups, (identity) => identities.add(identity));
      return { identities: identities.size, globs: globs.size };
    },
  };
}
