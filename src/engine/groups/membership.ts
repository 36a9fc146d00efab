import type { Identity } from "../../domain/identity.ts";
import { includesIdIn, type SortedIds } from "../sorted-ids.ts";
import { countIds, hasId, listIds, meets, type IdSet } from "./id-set.ts";

/**
 * What the groups say about one identity: the ids of every group that it is in, through nesting too. Most identities are in
 * few groups by a list, and in many by globs, which match many others as well: those are a set that they share.
 */
export interface Membership {
  /** The identity as members and direct principals are compared. */
  readonly folded: Identity;
  /** In this list, from one place to before another, ascending: where a list puts it. */
  readonly ids: SortedIds;
  readonly from: number;
  readonly to: number;
  /** Where globs put it; undefined: nowhere. */
  readonly matched: IdSet | undefined;
  /** A note of realms: its number among their direct principals, as it was in a state of these, and which one that was. */
  direct: number;
  directIn: number;
}

/** Whether the identity is in a group. */
export function isInGroup({ ids, from, to, matched }: Membership, group: number): boolean {
  if (matched !== undefined && hasId(matched, group)) return true;
  return includesIdIn(ids, from, to, group);
}

/** Whether the identity is in at least one of the groups, which are a part of a list, ascending; by default all of it. */
export function isInAnyGroup(
  { ids, from, to, matched }: Membership,
  groups: SortedIds,
  start = 0,
  end = groups.length,
): boolean {
  if (matched !== undefined) {
    for (let at = start; at < end; at += 1) if (hasId(matched, groups[at] ?? 0)) return true;
  }
  // The one far longer than the other: a look into the longer one for each of the shorter.
  if (end - start > longer * (to - from)) {
    for (let at = from; at < to; at += 1) {
      if (includesIdIn(groups, start, end, ids[at] ?? 0)) return true;
    }
    return false;
  }
  if (to - from > longer * (end - start)) {
    for (let at = start; at < end; at += 1) {
      if (includesIdIn(ids, from, to, groups[at] ?? 0)) return true;
    }
    return false;
  }
  let left = from;
  let right = start;
  while (left < to && right < end) {
    const one = ids[left] ?? 0;
    const other = groups[right] ?? 0;
    if (one === other) return true;
    if (one < other) left += 1;
    else right += 1;
  }
  return false;
}

const longer = 8;

/** All groups that the identity is in. Made anew each time: checks ask the membership itself. */
export function groupsOf({ ids, from, to, matched }: Membership): SortedIds {
  if (matched === undefined) return ids.subarray(from, to);
  let others = 0;
  for (let index = from; index < to; index += 1) {
    if (!hasId(matched, ids[index] ?? 0)) others += 1;
  }
  const groups = new Uint32Array(countIds(matched) + others);
  listIds(matched, groups);
  if (others === 0) return groups;
  // Those that are left fill up the list from its end, and move what is larger before them.
  let last = groups.length - others - 1;
  let index = to - 1;
  for (let place = groups.length - 1; place > last; place -= 1) {
    while (hasId(matched, ids[index] ?? 0)) index -= 1;
    const id = ids[index] ?? 0;
    while (last >= 0 && (groups[last] ?? 0) > id) {
      groups[place] = groups[last] ?? 0;
      place -= 1;
      last -= 1;
    }
    groups[place] = id;
    index -= 1;
  }
  return groups;
}

/** Whether the identity is in at least one group of a set. */
export function isInSet({ ids, from, to, matched }: Membership, groups: IdSet): boolean {
  for (let index = from; index < to; index += 1) {
    if (hasId(groups, ids[index] ?? 0)) return true;
  }
  return matched !== undefined && meets(matched, groups);
}
