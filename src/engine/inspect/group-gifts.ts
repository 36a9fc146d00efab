import { rootGroup } from "../../domain/names.ts";
import type { CompiledBinding } from "../compiled-binding.ts";
import type { GroupGraph } from "../group-graph.ts";
import { createServerLevel } from "../server-level.ts";
import { groupIndexOf } from "./group-index.ts";
import type { Inspection } from "./inspection.ts";

/**
 * By the number of a group: how many pairs of a permission and a place (a realm, or the server level) name
 * the group itself. A pair that is given under several lists of conditions counts for each. The root group gives
 * every pair there is.
 */
export type GroupGifts = Float64Array;

const known = new WeakMap<GroupGraph, GroupGifts>();

/**
 * The gifts of the groups of an inspection. Made at the first call, remembered with the graph of the snapshot.
 * Counted in the realms as checks have them: there principals are numbers, and permissions share them.
 */
export function groupGiftsOf(inspection: Inspection): GroupGifts {
  const { snapshot, configuration } = inspection;
  const before = known.get(snapshot.groups);
  if (before !== undefined) return before;
  const index = groupIndexOf(inspection);
  const gifts = new Float64Array(index.groups.length);
  const give = (group: number, pairs: number): void => {
    gifts[group] = (gifts[group] ?? 0) + pairs;
  };
  // Administrators can give themselves everything, so being one of them is worth all of it.
  const root = index.find(rootGroup);
  if (root !== undefined) {
    give(root, configuration.permissions.length * (configuration.realms.length + 1));
  }
  for (const names of createServerLevel(configuration.settings).values()) {
    for (const name of names) {
      const group = index.find(name);
      if (group !== undefined) give(group, 1);
    }
  }
  for (const realm of snapshot.realms.all()) {
    const pairs = new Map<CompiledBinding, number>();
    for (const bindings of realm.values()) {
      for (const binding of bindings) pairs.set(binding, (pairs.get(binding) ?? 0) + 1);
    }
    for (const [{ groups }, count] of pairs) for (const group of groups) give(group, count);
  }
  known.set(snapshot.groups, gifts);
  return gifts;
}
