import type { GroupEntry } from "../group-entry.ts";
import type { GroupIds } from "../group-ids.ts";
import type { VersionedMap } from "../versioned-map.ts";

/** Groups and all that is nested in them, at any depth, in one version. Costs what it finds. */
export function findBelow(
  groups: Iterable<number>,
  ids: GroupIds,
  entries: VersionedMap<string, GroupEntry>,
): ReadonlySet<number> {
  const found = new Set(groups);
  // A set hands out what is added while it is walked.
  for (const group of found) {
    for (const name of entries.get(ids.nameOf(group))?.nested ?? []) {
      const nested = ids.find(name);
      if (nested !== undefined) found.add(nested);
    }
  }
  return found;
}
