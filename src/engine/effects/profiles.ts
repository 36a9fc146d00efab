import { everyInSteps, forEachInSteps, type Steps } from "../../domain/steps.ts";
import type { Identity } from "../../domain/identity.ts";
import { includesId } from "../sorted-ids.ts";
import type { Cohort, Cohorts } from "./cohorts.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Members } from "./members.ts";
import { opposite, type Both, type Side } from "./sides.ts";

/** What the identities in a group have in common, in one state. A question costs those who are in it, the first time. */
export interface Profile {
  /** How many they are. */
  size(): Steps<number>;
  /** Whether all of them are in another group in this state. */
  areWithin(group: number): Steps<boolean>;
  /** Whether at least one of them is in a group in the other state. */
  isAnyElsewhere(group: number): Steps<boolean>;
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

  function* isEveryIn(identities: Iterable<Identity>, side: Side, group: number): Steps<boolean> {
    const { matched } = yield* members.inGroup(side, group);
    return yield* everyInSteps(
      identities,
      (identity) =>
        matched.has(identity) || includesId(cohorts.ofIdentity(identity).groups[side], group),
    );
  }

  /** Makes the function that collects the groups of identities in the state that is not this one. */
  function createElsewhere(
    side: Side,
  ): (identities: Iterable<Identity>) => Steps<ReadonlySet<number>> {
    const known = new WeakMap<Iterable<Identity>, ReadonlySet<number>>();
    return function* collect(identities) {
      const before = known.get(identities);
      if (before !== undefined) return before;
      const found = new Set<number>();
      const seen = new Set<Cohort>();
      yield* forEachInSteps(identities, (identity) => {
        const cohort = cohorts.ofIdentity(identity);
        if (seen.has(cohort)) return;
        seen.add(cohort);
        for (const id of cohort.groups[opposite(side)]) found.add(id);
      });
      known.set(identities, found);
      return found;
    };
  }

  function* sizeOf(side: Side, group: number): Steps<number> {
    const { matched, listed } = yield* members.inGroup(side, group);
    const others = new Set<Identity>();
    yield* forEachInSteps(listed, (identity) => {
      if (!matched.has(identity)) others.add(identity);
    });
    return matched.size + others.size;
  }

  function* areWithin(side: Side, group: number, other: number): Steps<boolean> {
    if (includesId(walks[side].above(group), other)) return true;
    const { matched, listed } = yield* members.inGroup(side, group);
    const others = yield* members.inGroup(side, other);
    if (matched !== others.matched && !(yield* isEveryIn(matched, side, other))) return false;
    return yield* isEveryIn(listed, side, other);
  }

  function create(side: Side, group: number): Profile {
    let size: number | undefined;
    let elsewhere: readonly ReadonlySet<number>[] | undefined;
    const within = new Map<number, boolean>();
    return {
      *size() {
        size ??= yield* sizeOf(side, group);
        return size;
      },
      *areWithin(other) {
        let known = within.get(other);
        if (known === undefined) {
          known = yield* areWithin(side, group, other);
          within.set(other, known);
        }
        return known;
      },
      *isAnyElsewhere(other) {
        if (elsewhere === undefined) {
          const { matched, listed } = yield* members.inGroup(side, group);
          const collect = elsewhereOf[side];
          elsewhere = [yield* collect(matched), yield* collect(listed)];
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
