import { compareBytewise } from "../../domain/bytewise.ts";
import type { Steps } from "../../domain/steps.ts";
import type { GroupGraph } from "../group-graph.ts";
import type { SortedIds } from "../sorted-ids.ts";
import type { FindProfile, Profile } from "./profiles.ts";
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
export function* foldGroups(
  groups: SortedIds,
  side: Side,
  profile: FindProfile,
  graph: GroupGraph,
): Steps<readonly FoldedGroup[]> {
  const bySize: (FoldedGroup & { readonly id: number })[] = [];
  for (const id of groups) {
    yield;
    const size = yield* profile(side, id).size();
    if (size > 0) bySize.push({ id, name: graph.nameOf(id), size });
  }
  bySize.sort((left, right) => right.size - left.size || compareBytewise(left.name, right.name));
  const chosen: typeof bySize = [];
  for (const group of bySize) {
    yield;
    if (!(yield* isWithinAny(profile(side, group.id), chosen))) chosen.push(group);
  }
  return chosen;
}

function* isWithinAny(
  profile: Profile,
  groups: readonly { readonly id: number }[],
): Steps<boolean> {
  for (const { id } of groups) if (yield* profile.areWithin(id)) return true;
  return false;
}
