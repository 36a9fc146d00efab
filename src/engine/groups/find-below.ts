import type { GroupEntry } from "../group-entry.ts";
import type { GroupIds } from "../group-ids.ts";
import type { VersionedMap } from "../versioned-map.ts";

/** Groups and all that is nested in them, at any depth, in one of two versions. Costs what it finds. */
export function findBelow(
  groups: Iterable<number>,
  ids: GroupIds,
  before: VersionedMap<string, GroupEntry>,
  after: VersionedMap<string, GroupEntry>,
): ReadonlySet<number> {
  const found = new Set(groups);
  // A set hands out what is added while it is walked.
  for (const group of found) {
    const name = ids.nameOf(group);
    const one = before.get(name);
    const other = after.get(name);
    addNested(one);
    if (other !== one) addNested(other);
  }

  function addNested(entry: GroupEntry | undefined): void {
    for (const name of entry?.nested ?? []) {
      const nested = ids.find(name);
      if (nested !== undefined) found.add(nested);
    }
  }

  return found;
}
