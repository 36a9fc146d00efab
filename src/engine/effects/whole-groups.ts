import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import type { Identity } from "../../domain/identity.ts";
import { intersects, toSortedIds, type SortedIds } from "../sorted-ids.ts";
import type { Bound } from "./bound.ts";
import type { Cohorts } from "./cohorts.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { FindProfile } from "./profiles.ts";
import type { Shift } from "./shifts.ts";
import type { Both, Direction, Side } from "./sides.ts";
import type { Touched } from "./touched.ts";

/** The groups that gain by a shift themselves: they have what is bound in the state `to`, and not in `from`. */
export interface GainingGroups {
  /** Those of which every identity gains. Of such as are nested in one another the outermost, and maybe others. */
  readonly whole: SortedIds;
  /** Groups in which everybody is who gains, but for those who are touched themselves. */
  readonly tops: readonly number[];
}

/** Finds the groups that gain by a shift, or lose. */
export type FindGainingGroups = (shift: Shift, direction: Direction) => Steps<GainingGroups>;

/** Creates the function. */
export function* createFindGainingGroups(
  walks: Both<GroupWalk>,
  cohorts: Cohorts,
  profile: FindProfile,
  touched: Touched,
): Steps<FindGainingGroups> {
  const touchedIn = [
    yield* indexByAbove(walks[0], touched.groups[0]),
    yield* indexByAbove(walks[1], touched.groups[1]),
  ] as const;
  const groupsOfNamed: Both<Map<Bound, ReadonlySet<number>>> = [new Map(), new Map()];

  /** The groups in a state of those who are bound by name. */
  function* groupsOfBound(side: Side, bound: Bound): Steps<ReadonlySet<number>> {
    const known = groupsOfNamed[side].get(bound);
    if (known !== undefined) return known;
    const groups = new Set<number>();
    yield* forEachInSteps(bound.identities, (identity) => {
      const cohort = cohorts.ofIdentity(identity as Identity);
      for (const group of cohort.groups[side]) groups.add(group);
    });
    groupsOfNamed[side].set(bound, groups);
    return groups;
  }

  function gains(group: number, { bound }: Shift, { from, to }: Direction): boolean {
    const has = (side: Side): boolean =>
      walks[side].entry(group) !== undefined &&
      intersects(bound[side].groups, walks[side].above(group));
    return has(to) && !has(from);
  }

  /** Whether nobody in the group had it before. */
  function* isWhole(group: number, { bound }: Shift, direction: Direction): Steps<boolean> {
    const old = bound[direction.from];
    if (old.number === 0) return true;
    if ((yield* groupsOfBound(direction.to, old)).has(group)) return false;
    const ofGroup = profile(direction.to, group);
    for (const other of old.groups) if (yield* ofGroup.isAnyElsewhere(other)) return false;
    return true;
  }

  /** Whoever gains and is not touched is in one of these that gains. */
  function* candidates({ bound }: Shift, { from, to }: Direction): Generator<number> {
    const old = new Set(bound[from].groups);
    for (const group of bound[to].groups) {
      if (!old.has(group)) yield group;
      yield* touchedIn[to].get(group) ?? [];
    }
  }

  return function* find(shift, direction) {
    const tops = [...new Set(candidates(shift, direction))].filter((group) =>
      gains(group, shift, direction),
    );
    const whole: number[] = [];
    const reached = new Set(tops);
    // A set hands out what is added while it is walked.
    for (const group of reached) {
      yield;
      if (yield* isWhole(group, shift, direction)) {
        whole.push(group);
        continue;
      }
      for (const nested of walks[direction.to].nestedIn(group)) {
        if (gains(nested, shift, direction)) reached.add(nested);
      }
    }
    return { whole: toSortedIds(whole), tops };
  };
}

/** By group: which of the touched ones are in it, or are it. */
function* indexByAbove(
  walk: GroupWalk,
  groups: ReadonlySet<number>,
): Steps<ReadonlyMap<number, readonly number[]>> {
  const inGroup = new Map<number, number[]>();
  yield* forEachInSteps(groups, (group) => {
    for (const above of walk.above(group)) {
      const list = inGroup.get(above);
      if (list === undefined) inGroup.set(above, [group]);
      else list.push(group);
    }
  });
  return inGroup;
}
