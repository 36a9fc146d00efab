import type { Identity } from "../../domain/identity.ts";
import type { GroupIndex } from "./group-index.ts";

/**
 * The groups that hold an identity, ranked from 0 by the memberships that it takes to come there: the fewer
 * the earlier. Of as many memberships those that begin with a listed member come before those that begin
 * with a glob, and then the names of the groups decide, from the identity up.
 */
export interface Reach {
  /** The ids of the groups, by rank. */
  readonly groups: readonly number[];
  /** The rank of a group; undefined when it does not hold the identity. */
  rankOf(group: number): number | undefined;
  /** The groups on the shortest way, from the identity up to the one of this rank. */
  pathTo(rank: number): readonly number[];
}

/** Searches upwards from an identity, breadth first. Linear in the groups reached and their nestings, which are sorted. */
export function createReach(index: GroupIndex, identity: Identity): Reach {
  const listing = index.byName(index.listing(identity));
  return createReachFrom(index, [...listing, ...index.byName(index.matching(identity))]);
}

/** The same from groups, given in the order in which they come first: nothing stands before them. */
export function createReachFrom(index: GroupIndex, start: readonly number[]): Reach {
  const ranks = new Map<number, number>();
  const groups: number[] = [];
  /** By rank: the rank of the group before; -1 when the identity itself comes before. */
  const before: number[] = [];

  function add(group: number, from: number): void {
    if (ranks.has(group)) return;
    ranks.set(group, groups.length);
    groups.push(group);
    before.push(from);
  }

  for (const group of start) add(group, -1);
  // The list grows while it is walked.
  for (const [rank, group] of groups.entries()) {
    for (const parent of index.byName(index.parentsOf(group))) add(parent, rank);
  }

  return {
    groups,
    rankOf: (group) => ranks.get(group),
    pathTo(rank) {
      const path: number[] = [];
      for (let at: number | undefined = rank; at !== undefined && at >= 0; at = before[at]) {
        path.push(groups[at] ?? 0);
      }
      return path.reverse();
    },
  };
}
