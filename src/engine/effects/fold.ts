import { compareBytewise } from "../../domain/bytewise.ts";
import type { GroupGraph } from "../group-graph.ts";
import type { SortedIds } from "../sorted-ids.ts";
import type { FindProfile } from "./profiles.ts";
import type { Side } from "./sides.ts";

/** A group that stands for its identities. */
export interface FoldedGroup {
  readonly name: string;
  /** How many they are, at least one. */
  readonly size: number;
}

/**
 * Chooses groups that stand for all identities in some groups: of two of which one has all identities of the other
 * only the larger, or the first by name. Others may have identities in common.
 */
export function foldGroups(
  groups: SortedIds,
  side: Side,
  profile: FindProfile,
  graph: GroupGraph,
): readonly FoldedGroup[] {
  const bySize = [...groups]
    .map((id) => ({ id, name: graph.nameOf(id), size: profile(side, id).size() }))
    .filter(({ size }) => size > 0)
    .sort((left, right) => right.size - left.size || compareBytewise(left.name, right.name));
  const chosen: (typeof bySize)[number][] = [];
  for (const group of bySize) {
    const { areWithin } = profile(side, group.id);
    if (!chosen.some(({ id }) => areWithin(id))) chosen.push(group);
  }
  return chosen;
}
