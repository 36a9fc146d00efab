import type { Gainers } from "./compare-shift.ts";
import type { EffectCount } from "./effects.ts";
import type { Members } from "./members.ts";
import type { Side } from "./sides.ts";

/** Counts those who gain anything, each once. */
export interface GainerCount {
  add(gainers: Gainers): void;
  total(): EffectCount;
}

/** Starts at nobody; groups have the members that they have in this state. */
export function createGainerCount(members: Members, side: Side): GainerCount {
  const groups = new Set<number>();
  const identities = new Set<string>();
  const globs = new Set<string>();
  return {
    add(gainers) {
      for (const group of gainers.groups) groups.add(group);
      for (const identity of gainers.identities) identities.add(identity);
      for (const glob of gainers.globs) globs.add(glob);
    },
    total() {
      for (const identity of members.inGroups(side, groups)) identities.add(identity);
      return { identities: identities.size, globs: globs.size };
    },
  };
}
