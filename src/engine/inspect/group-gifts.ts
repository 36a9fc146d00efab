import type { ExpandedConfiguration } from "../../domain/expanded.ts";
import { createServerLevel } from "../server-level.ts";
import { groupIndexOf, groupPrefix } from "./group-index.ts";

/**
 * By the number of a group: how many pairs of a permission and a place (a realm, or the server level) name
 * the group itself. A pair that is given under several lists of conditions counts for each.
 */
export type GroupGifts = Float64Array;

const known = new WeakMap<ExpandedConfiguration, GroupGifts>();

/** The gifts of the groups of a configuration. Made at the first call, remembered with the configuration. */
export function groupGiftsOf(configuration: ExpandedConfiguration): GroupGifts {
  const before = known.get(configuration);
  if (before !== undefined) return before;
  const index = groupIndexOf(configuration);
  const gifts = new Float64Array(index.groups.length);
  const give = (name: string, pairs: number): void => {
    const group = index.find(name);
    if (group !== undefined) gifts[group] = (gifts[group] ?? 0) + pairs;
  };
  for (const groups of createServerLevel(configuration.settings).values()) {
    for (const group of groups) give(group, 1);
  }
  for (const { bindings } of configuration.realms) {
    for (const { principals, permissions } of bindings) {
      for (const principal of principals) {
        if (principal.startsWith(groupPrefix))
          give(principal.slice(groupPrefix.length), permissions.length);
      }
    }
  }
  known.set(configuration, gifts);
  return gifts;
}
