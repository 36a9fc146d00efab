import type { Settings } from "../domain/model.ts";
import type { GroupGraph } from "./group-graph.ts";
import type { Numbering } from "./numbering.ts";
import { createServerLevel } from "./server-level.ts";
import { toSortedIds, type SortedIds } from "./sorted-ids.ts";

/** What checks know of a permission. */
export interface KnownPermission {
  /** Which one of those that are known, from 0 on. */
  readonly index: number;
  /** Its number in the realms; undefined when nobody declared it: then it is never had there. */
  readonly number: number | undefined;
  /** The groups that have it at the server level: their names, and their ids, whether or not they exist. */
  readonly serverGroups: readonly string[];
  readonly serverIds: SortedIds;
}

const none: readonly string[] = Object.freeze([]);

/** The permissions that a policy declares, and those that the server level has, for all graphs of a lineage. */
export function knownPermissions(
  declared: ReadonlySet<string>,
  settings: Settings,
  numbers: Numbering,
  graph: GroupGraph,
): ReadonlyMap<string, KnownPermission> {
  const serverLevel = createServerLevel(settings);
  const known = new Map<string, KnownPermission>();
  for (const name of new Set([...declared, ...serverLevel.keys()])) {
    const serverGroups = serverLevel.get(name) ?? none;
    known.set(name, {
      index: known.size,
      number: declared.has(name) ? numbers.intern(name) : undefined,
      serverGroups,
      serverIds: toSortedIds(serverGroups.map((group) => graph.internGroup(group))),
    });
  }
  return known;
}
