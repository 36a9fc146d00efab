import type { Identity } from "../../domain/identity.ts";
import { includesId } from "../sorted-ids.ts";
import type { Cohort, Cohorts } from "./cohorts.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Members } from "./members.ts";
import { opposite, type Both, type Side } from "./sides.ts";

/** What the identities in a group have in common, in one state. A question costs those who are in it, the first time. */
export interface Profile {
  /** How many they are. */
  size(): number;
  /** Whether all of them are in another group in this state. */
  readonly areWithin: (group: number) => boolean;
  /** Whether at least one of them is in a group in the other state. */
  readonly isAnyElsewhere: (group: number) => boolean;
}

/** Finds the profile of a group in a state. */
export type FindProfile = (side: Side, group: number) => Profile;

/** Creates the function. */
export function createProfiles(
  walks: Both<GroupWalk>,
  members: Members,
  cohorts: Cohorts,
): FindProfile {
  const known: Both<Map<number, Profile>> = [new Map(), new Map()];
  // Many groups have the same set of those whom their globs match: it is looked through once.
  const elsewhereOf = [createElsewhere(0), createElsewhere(1)] as const;

  function isEveryIn(identities: Iterable<Identity>, side: Side, group: number): boolean {
    const { matched } = members.inGroup(side, group);
    for (const identity of identities) {
      if (matched.has(identity)) continue;
      if (!includesId(cohorts.ofIdentity(identity).groups[side], group)) return false;
    }
    return true;
  }

  /** Makes the function that collects the groups of identities in the state that is not this one. */
  function createElsewhere(side: Side): (identities: Iterable<Identity>) => ReadonlySet<number> {
    const known = new WeakMap<Iterable<Identity>, ReadonlySet<number>>();
    return (identities) => {
      const before = known.get(identities);
      if (before !== undefined) return before;
      const found = new Set<number>();
      const seen = new Set<Cohort>();
      for (const identity of identities) {
        const cohort = cohorts.ofIdentity(identity);
        if (seen.has(cohort)) continue;
        seen.add(cohort);
        for (const id of cohort.groups[opposite(side)]) found.add(id);
      }
      known.set(identities, found);
      return found;
    };
  }

  function sizeOf(side: Side, group: number): number {
    const { matched, listed } = members.inGroup(side, group);
    const others = new Set<Identity>();
    for (const identity of listed) if (!matched.has(identity)) others.add(identity);
    return matched.size + others.size;
  }

  function areWithin(side: Side, group: number, other: number): boolean {
    if (includesId(walks[side].above(group), other)) return true;
    const { matched, listed } = members.inGroup(side, group);
    if (matched !== members.inGroup(side, other).matched && !isEveryIn(matched, side, other)) {
      return false;
    }
    return isEveryIn(listed, side, other);
  }

  function create(side: Side, group: number): Profile {
    let size: number | undefined;
    let elsewhere: readonly ReadonlySet<number>[] | undefined;
    const within = new Map<number, boolean>();
    return {
      size: () => (size ??= sizeOf(side, group)),
      areWithin(other) {
        let known = within.get(other);
        if (known === undefined) {
          known = areWithin(side, group, other);
          within.set(other, known);
        }
        return known;
      },
      isAnyElsewhere(other) {
        if (elsewhere === undefined) {
          const { matched, listed } = members.inGroup(side, group);
          elsewhere = [matched, listed].map(elsewhereOf[side]);
        }
        return elsewhere.some((groups) => groups.has(other));
      },
    };
  }

  return (side, group) => {
    let profile = known[side].get(group);
    if (profile === undefined) {
      profile = create(side, group);
      known[side].set(group, profile);
    }
    return profile;
  };
}
