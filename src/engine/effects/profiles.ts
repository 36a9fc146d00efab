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
  /** The groups in which at least one of them is in the other state. */
  anyElsewhere(): ReadonlySet<number>;
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

  function commonGroups(side: Side, group: number): SortedIds {
    const least = walks[side].above(group).length;
    let common: SortedIds | undefined;
    for (const identity of members.identities(side, group)) {
      const groups: SortedIds = cohorts.ofIdentity(identity).groups[side];
      common = common === undefined ? groups : common.filter((id) => includesId(groups, id));
      if (common.length === least) break;
    }
    return common ?? walks[side].above(group);
  }

  function groupsElsewhere(side: Side, group: number): ReadonlySet<number> {
    const found = new Set<number>();
    const seen = new Set<Cohort>();
    for (const identity of members.identities(side, group)) {
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
    let elsewhere: ReadonlySet<number> | undefined;
    return {
      size: () => (size ??= new Set(members.identities(side, group)).size),
      all: () => (common ??= commonGroups(side, group)),
      anyElsewhere: () => (elsewhere ??= groupsElsewhere(side, group)),
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
