import type { Identity } from "../../domain/identity.ts";
import { includesId, type SortedIds } from "../sorted-ids.ts";
import type { Cohort, Cohorts } from "./cohorts.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Members } from "./members.ts";
import { opposite, type Both, type Side } from "./sides.ts";

/** What the identities in a group have in common, in one state. A question costs those who are in it, the first time. */
export interface Profile {
  /** How many they are. */
  size(): number;
  /** The groups in which all of them are in this state: it itself, those that it is nested in, and maybe others. */
  all(): SortedIds;
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
  // Of sets of identities that many groups have.
  const commonOf = rememberForSets((side, set) => commonGroups(side, set, undefined));
  const elsewhereOf = rememberForSets(groupsElsewhere);

  function sizeOf(side: Side, group: number): number {
    const { matched, listed } = members.inGroup(side, group);
    const others = new Set<Identity>();
    for (const identity of listed) if (!matched.has(identity)) others.add(identity);
    return matched.size + others.size;
  }

  /** The groups that all identities are in, and that are among those of `start`. */
  function commonGroups(
    side: Side,
    identities: Iterable<Identity>,
    start: SortedIds | undefined,
    least = 0,
  ): SortedIds | undefined {
    let common = start;
    for (const identity of identities) {
      if (common?.length === least) break;
      const groups: SortedIds = cohorts.ofIdentity(identity).groups[side];
      common = common === undefined ? groups : common.filter((id) => includesId(groups, id));
    }
    return common;
  }

  function groupsElsewhere(side: Side, identities: Iterable<Identity>): ReadonlySet<number> {
    const found = new Set<number>();
    const seen = new Set<Cohort>();
    for (const identity of identities) {
      const cohort = cohorts.ofIdentity(identity);
      if (seen.has(cohort)) continue;
      seen.add(cohort);
      for (const id of cohort.groups[opposite(side)]) found.add(id);
    }
    return found;
  }

  function create(side: Side, group: number): Profile {
    let size: number | undefined;
    let common: SortedIds | undefined;
    let elsewhere: readonly ReadonlySet<number>[] | undefined;
    return {
      size: () => (size ??= sizeOf(side, group)),
      all() {
        if (common !== undefined) return common;
        const { matched, listed } = members.inGroup(side, group);
        // They are in no fewer than these.
        const above = walks[side].above(group);
        const start = matched.size === 0 ? undefined : commonOf(side, matched);
        common = commonGroups(side, listed, start, above.length) ?? above;
        return common;
      },
      isAnyElsewhere(id) {
        if (elsewhere === undefined) {
          const { matched, listed } = members.inGroup(side, group);
          elsewhere = [elsewhereOf(side, matched), groupsElsewhere(side, listed)];
        }
        return elsewhere.some((groups) => groups.has(id));
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

function rememberForSets<T>(
  find: (side: Side, identities: ReadonlySet<Identity>) => T,
): (side: Side, identities: ReadonlySet<Identity>) => T {
  const known: Both<Map<ReadonlySet<Identity>, { readonly value: T }>> = [new Map(), new Map()];
  return (side, identities) => {
    let found = known[side].get(identities);
    if (found === undefined) {
      found = { value: find(side, identities) };
      known[side].set(identities, found);
    }
    return found.value;
  };
}
