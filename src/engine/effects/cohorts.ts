import type { Identity } from "../../domain/identity.ts";
import type { SortedIds } from "../sorted-ids.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Both, EffectsInput, Side } from "./sides.ts";
import type { Touched } from "./touched.ts";

/**
 * Principals of one kind that are in the same groups before, and in the same groups after: bindings that name
 * groups treat them alike, so they are looked at as one.
 */
export interface Cohort {
  readonly kind: "identity" | "glob";
  readonly groups: Both<SortedIds>;
  /** Identities are folded. All there are, once the cohort was found by `inGroup` or is touched. */
  readonly names: readonly string[];
}

/** The cohorts of those who were met. */
export interface Cohorts {
  /** The cohort of an identity, which is folded. */
  ofIdentity(identity: Identity): Cohort;
  /** The cohort of an identity that was met before. */
  find(identity: string): Cohort | undefined;
  /** The cohorts that a group holds in a state, through nesting too. */
  inGroup(side: Side, group: number): ReadonlySet<Cohort>;
  /** The touched cohorts that a group holds in a state and not in the other one. */
  moved(side: Side, group: number): readonly Cohort[];
  /** All groups for which there are moved ones. */
  readonly changedGroups: ReadonlySet<number>;
}

interface GrowingCohort extends Cohort {
  readonly names: string[];
}

/** Meets everybody who is touched; everybody else is met when asked for. */
export function createCohorts(
  { before, after }: EffectsInput,
  walks: Both<GroupWalk>,
  touched: Touched,
  identitiesMatching: (glob: string) => Iterable<Identity>,
): Cohorts {
  const graphs = [before.snapshot.groups, after.snapshot.groups] as const;
  const byHash = new Map<number, GrowingCohort[]>();
  const ofIdentities = new Map<string, Cohort>();
  const ofGlobs = new Map<string, Cohort>();
  const inGroups: Both<Map<number, ReadonlySet<Cohort>>> = [new Map(), new Map()];

  function join(kind: Cohort["kind"], name: string, groups: Both<SortedIds>): Cohort {
    const hash = hashOf(groups);
    let sameHash = byHash.get(hash);
    if (sameHash === undefined) {
      sameHash = [];
      byHash.set(hash, sameHash);
    }
    let cohort = sameHash.find(
      (it) =>
        it.kind === kind && isSame(it.groups[0], groups[0]) && isSame(it.groups[1], groups[1]),
    );
    if (cohort === undefined) {
      cohort = { kind, groups, names: [] };
      sameHash.push(cohort);
    }
    cohort.names.push(name);
    return cohort;
  }

  function ofIdentity(identity: Identity): Cohort {
    let cohort = ofIdentities.get(identity);
    if (cohort === undefined) {
      const now = graphs[1].membershipOf(identity).groups;
      const old = touched.identities.has(identity) ? graphs[0].membershipOf(identity).groups : now;
      cohort = join("identity", identity, [isSame(old, now) ? now : old, now]);
      ofIdentities.set(identity, cohort);
    }
    return cohort;
  }

  function ofGlob(glob: string): Cohort {
    let cohort = ofGlobs.get(glob);
    if (cohort === undefined) {
      const now = groupsOfGlob(1, glob);
      const old = touched.globs.has(glob) ? groupsOfGlob(0, glob) : now;
      cohort = join("glob", glob, [isSame(old, now) ? now : old, now]);
      ofGlobs.set(glob, cohort);
    }
    return cohort;
  }

  function groupsOfGlob(side: Side, glob: string): SortedIds {
    const groups = new Set<number>();
    for (const holder of graphs[side].holding(glob)) {
      for (const group of walks[side].above(holder)) groups.add(group);
    }
    return Uint32Array.from(groups).sort();
  }

  function inGroup(side: Side, group: number): ReadonlySet<Cohort> {
    const known = inGroups[side].get(group);
    if (known !== undefined) return known;
    const found = new Set<Cohort>();
    for (const { members, globs } of walks[side].below(group)) {
      for (const identity of members.keys()) found.add(ofIdentity(identity));
      for (const glob of globs) {
        found.add(ofGlob(glob));
        for (const identity of identitiesMatching(glob)) found.add(ofIdentity(identity));
      }
    }
    inGroups[side].set(group, found);
    return found;
  }

  for (const identity of touched.identities) ofIdentity(identity);
  for (const glob of touched.globs) ofGlob(glob);
  const moves = findMoves([...byHash.values()].flat());
  return {
    ofIdentity,
    find: (identity) => ofIdentities.get(identity),
    inGroup,
    moved: (side, group) => moves[side].get(group) ?? [],
    changedGroups: new Set([...moves[0].keys(), ...moves[1].keys()]),
  };
}

/** By state and group: the cohorts that are in the group in this state only. */
function findMoves(cohorts: Iterable<Cohort>): Both<ReadonlyMap<number, readonly Cohort[]>> {
  const moves: Both<Map<number, Cohort[]>> = [new Map(), new Map()];
  for (const cohort of cohorts) {
    const [before, after] = cohort.groups;
    if (before === after) continue;
    for (const [side, here, there] of [
      [0, before, after],
      [1, after, before],
    ] as const) {
      const elsewhere = new Set(there);
      for (const group of here) {
        if (elsewhere.has(group)) continue;
        const list = moves[side].get(group);
        if (list === undefined) moves[side].set(group, [cohort]);
        else list.push(cohort);
      }
    }
  }
  return moves;
}

/** FNV-1a, number by number. */
function hashOf(lists: Both<SortedIds>): number {
  let hash = 0x811c9dc5;
  for (const list of lists) {
    for (const group of list) hash = Math.imul(hash ^ group, 0x01000193);
    hash = Math.imul(hash ^ list.length, 0x01000193);
  }
  return hash;
}

function isSame(left: SortedIds, right: SortedIds): boolean {
  return (
    left === right ||
    (left.length === right.length && left.every((group, index) => group === right[index]))
  );
}
