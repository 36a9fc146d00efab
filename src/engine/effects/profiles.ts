import { includesId, type SortedIds } from "../sorted-ids.ts";
import type { Cohort, Cohorts } from "./cohorts.ts";
import type { Members } from "./members.ts";
import type { Both, Direction, Side } from "./sides.ts";

/** What the identities in a group have in common. */
export interface Profile {
  /** How many they are. */
  readonly size: number;
  /** The groups in which at least one of them is in the other state. */
  readonly anyElsewhere: ReadonlySet<number>;
  /** The groups in which all of them are in this state; of an empty group none. */
  readonly all: SortedIds;
}

/** Finds the profile of a group in the state `to`. Costs those who are in it, the first time. */
export type FindProfile = (group: number, direction: Direction) => Profile;

/** Creates the function. */
export function createProfiles(members: Members, cohorts: Cohorts): FindProfile {
  const known: Both<Map<number, Profile>> = [new Map(), new Map()];

  function find(group: number, { from, to }: Direction): Profile {
    const distinct = new Set(members.identities(to, group));
    const seen = new Set<Cohort>();
    const anyElsewhere = new Set<number>();
    let all: SortedIds | undefined;
    for (const identity of distinct) {
      const cohort = cohorts.ofIdentity(identity);
      if (seen.has(cohort)) continue;
      seen.add(cohort);
      for (const id of cohort.groups[from]) anyElsewhere.add(id);
      const here: SortedIds = cohort.groups[to];
      all = all === undefined ? here : all.filter((id) => includesId(here, id));
    }
    return { size: distinct.size, anyElsewhere, all: all ?? new Uint32Array(0) };
  }

  return (group, direction) => {
    const side: Side = direction.to;
    let profile = known[side].get(group);
    if (profile === undefined) {
      profile = find(group, direction);
      known[side].set(group, profile);
    }
    return profile;
  };
}
