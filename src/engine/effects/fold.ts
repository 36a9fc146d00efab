import { compareBytewise } from "../../domain/bytewise.ts";
import { intersects } from "../sorted-ids.ts";
import type { Cohort, Cohorts } from "./cohorts.ts";
import type { Gainers } from "./compare-shift.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Shift } from "./shifts.ts";
import type { Both, Direction, Side } from "./sides.ts";
import type { Touched } from "./touched.ts";

/** A group all identities of which gain something, or lose it. */
export interface FoldedGroup {
  readonly name: string;
  readonly id: number;
  /** How many they are; at least one. */
  readonly identities: number;
}

/** The groups that stand for gainers; those whom none covers are left to be named by themselves. */
export interface Folded {
  readonly groups: readonly FoldedGroup[];
  readonly covered: ReadonlySet<Cohort>;
}

/** Puts gainers together as members of groups. */
export type Fold = (shift: Shift, gainers: Gainers, direction: Direction) => Folded;

/**
 * Creates the function that finds the groups which gain by themselves (they are bound now, or nested in what is
 * bound, and were not) and of which every identity gains. Of nested ones the outermost is taken. The largest
 * come first, then the names decide, and a group that adds nobody is left out; two groups may share members.
 */
export function createFold(cohorts: Cohorts, walks: Both<GroupWalk>, touched: Touched): Fold {
  const sizes: Both<Map<number, number>> = [new Map(), new Map()];
  const seedsUnder = [
    indexSeeds(walks[0], touched.groups[0]),
    indexSeeds(walks[1], touched.groups[1]),
  ] as const;

  /** Whether the group itself has what is bound. */
  function has(side: Side, group: number, { bound }: Shift): boolean {
    if (walks[side].entry(group) === undefined) return false;
    return intersects(bound[side].groups, walks[side].above(group));
  }

  function sizeOf(side: Side, group: number): number {
    let size = sizes[side].get(group);
    if (size === undefined) {
      size = 0;
      for (const { kind, names } of cohorts.inGroup(side, group)) {
        if (kind === "identity") size += names.length;
      }
      sizes[side].set(group, size);
    }
    return size;
  }

  function* seedsOf({ bound }: Shift, { from, to }: Direction): Generator<number> {
    const old = new Set(bound[from].groups);
    for (const group of bound[to].groups) {
      if (!old.has(group)) yield group;
      yield* seedsUnder[to].get(group) ?? [];
    }
  }

  function findWhole(shift: Shift, gainers: Gainers, direction: Direction): readonly FoldedGroup[] {
    const { from, to } = direction;
    const found: FoldedGroup[] = [];
    const reached = new Set(seedsOf(shift, direction));
    // A set hands out what is added while it is walked. Below a group that had it everybody had it, but for what
    // came to be nested there, which is a seed itself.
    for (const id of reached) {
      if (!has(to, id, shift) || has(from, id, shift)) continue;
      const entry = walks[to].entry(id);
      if (entry === undefined) continue;
      if (isWhole(cohorts.inGroup(to, id), gainers)) {
        const identities = sizeOf(to, id);
        if (identities > 0) found.push({ name: entry.name, id, identities });
        continue;
      }
      for (const nested of walks[to].nestedIn(id)) reached.add(nested);
    }
    return found;
  }

  return (shift, gainers, direction) => {
    const groups: FoldedGroup[] = [];
    const covered = new Set<Cohort>();
    const bySize = findWhole(shift, gainers, direction).toSorted(
      (left, right) => right.identities - left.identities || compareBytewise(left.name, right.name),
    );
    for (const group of bySize) {
      const known = covered.size;
      for (const cohort of cohorts.inGroup(direction.to, group.id)) {
        if (cohort.kind === "identity") covered.add(cohort);
      }
      if (covered.size > known) groups.push(group);
    }
    return { groups, covered };
  };
}

function isWhole(members: ReadonlySet<Cohort>, gainers: Gainers): boolean {
  for (const cohort of members) {
    if (cohort.kind === "identity" && !gainers.cohorts.has(cohort)) return false;
  }
  return true;
}

/** By group: which of the seeds are in it, or are it. */
function indexSeeds(
  walk: GroupWalk,
  seeds: ReadonlySet<number>,
): ReadonlyMap<number, readonly number[]> {
  const under = new Map<number, number[]>();
  for (const seed of seeds) {
    for (const group of walk.above(seed)) {
      const list = under.get(group);
      if (list === undefined) under.set(group, [seed]);
      else list.push(seed);
    }
  }
  return under;
}
