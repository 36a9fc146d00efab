import type { Identity } from "../../domain/identity.ts";
import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import { groupsOf } from "../groups/membership.ts";
import type { SortedIds } from "../sorted-ids.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Members } from "./members.ts";
import { createPairs, type Pair } from "./pairs.ts";
import type { Both, EffectsInput, Side } from "./sides.ts";
import type { Touched } from "./touched.ts";

/**
 * Identities that are in the same groups before, and in the same groups after, or globs that are: bindings
 * that name groups treat them alike, so they are looked at as one.
 */
export interface Cohort {
  readonly groups: Pair;
  /** Identities are folded. */
  readonly names: ReadonlySet<string>;
}

/** The cohorts of those who were met; everybody is met when asked for. */
export interface Cohorts {
  /** The cohort of an identity, which is folded. */
  ofIdentity(identity: Identity): Cohort;
  /** The cohorts of the identities in a group, through nesting too: whole ones, as all of one are in it. */
  inGroup(side: Side, group: number): Steps<ReadonlySet<Cohort>>;
  /** The same of the globs. */
  globsInGroup(side: Side, group: number): ReadonlySet<Cohort>;
  /** The cohorts of touched identities that are in a group in this state only. */
  moved(side: Side, group: number): Iterable<Cohort>;
  /** The same of touched globs. */
  globsMoved(side: Side, group: number): Iterable<Cohort>;
  /** The groups for which there are moved ones. */
  readonly groupsMoved: ReadonlySet<number>;
}

/** Cohorts of one kind. */
interface Register {
  readonly of: (name: string) => Cohort;
}

/** Meets who is touched. */
export function* createCohorts(
  { before, after }: EffectsInput,
  walks: Both<GroupWalk>,
  members: Members,
  touched: Touched,
): Steps<Cohorts> {
  const graphs = [before.snapshot.groups, after.snapshot.groups] as const;
  const groupsStayed = touched.groups[0].size === 0 && touched.groups[1].size === 0;

  function groupsOfGlob(side: Side, glob: string): SortedIds {
    const groups = new Set<number>();
    for (const holder of graphs[side].holding(glob)) {
      for (const group of walks[side].above(holder)) groups.add(group);
    }
    return Uint32Array.from(groups).sort();
  }

  // Where no group was touched, who is not touched either is in the same groups as before.
  const identities = createRegister(
    (side, identity) => groupsOf(graphs[side].membershipOf(identity as Identity)),
    (identity) => groupsStayed && !touched.identities.has(identity as Identity),
  );
  const globs = createRegister(groupsOfGlob, (glob) => groupsStayed && !touched.globs.has(glob));

  const moves = yield* findMoves(touched.identities, identities);
  const globMoves = yield* findMoves(touched.globs, globs);
  const met: Both<Map<number, ReadonlySet<Cohort>>> = [new Map(), new Map()];
  return {
    ofIdentity: (identity) => identities.of(identity),
    *inGroup(side, group) {
      const known = met[side].get(group);
      if (known !== undefined) return known;
      const cohorts = new Set<Cohort>();
      const all = yield* members.inGroups(side, [group]);
      yield* forEachInSteps(all, (identity) => cohorts.add(identities.of(identity)));
      met[side].set(group, cohorts);
      return cohorts;
    },
    globsInGroup: rememberBySide(
      (side, group) => new Set(Array.from(members.globs(side, group), globs.of)),
    ),
    moved: (side, group) => moves[side].get(group) ?? [],
    globsMoved: (side, group) => globMoves[side].get(group) ?? [],
    groupsMoved: new Set([...moves, ...globMoves].flatMap((it) => [...it.keys()])),
  };
}

function createRegister(
  groupsOf: (side: Side, name: string) => SortedIds,
  isUntouched: (name: string) => boolean,
): Register {
  const pairs = createPairs();
  const byName = new Map<string, Cohort>();
  const byPair = new Map<Pair, Cohort & { readonly names: Set<string> }>();
  return {
    of(name) {
      const known = byName.get(name);
      if (known !== undefined) return known;
      const now = groupsOf(1, name);
      const groups = pairs.intern(isUntouched(name) ? now : groupsOf(0, name), now);
      let cohort = byPair.get(groups);
      if (cohort === undefined) {
        cohort = { groups, names: new Set() };
        byPair.set(groups, cohort);
      }
      cohort.names.add(name);
      byName.set(name, cohort);
      return cohort;
    },
  };
}

/** By state and group: the cohorts that are in the group in this state only. */
function* findMoves(
  names: Iterable<string>,
  register: Register,
): Steps<Both<ReadonlyMap<number, readonly Cohort[]>>> {
  const moves: Both<Map<number, Cohort[]>> = [new Map(), new Map()];
  const cohorts = new Set<Cohort>();
  yield* forEachInSteps(names, (name) => cohorts.add(register.of(name)));
  yield* forEachInSteps(cohorts, (cohort) => {
    for (const [here, there] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const elsewhere = new Set(cohort.groups[there]);
      for (const group of cohort.groups[here]) {
        if (elsewhere.has(group)) continue;
        const list = moves[here].get(group);
        if (list === undefined) moves[here].set(group, [cohort]);
        else list.push(cohort);
      }
    }
  });
  return moves;
}

function rememberBySide<T>(
  find: (side: Side, group: number) => T,
): (side: Side, group: number) => T {
  const known: Both<Map<number, T>> = [new Map(), new Map()];
  return (side, group) => {
    let value = known[side].get(group);
    if (value === undefined) {
      value = find(side, group);
      known[side].set(group, value);
    }
    return value;
  };
}
