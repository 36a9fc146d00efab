/** A set of integer ids: ascending, distinct. */
export type SortedIds = Uint32Array;

/** The set of no ids. */
export const noSortedIds: SortedIds = new Uint32Array(0);

/** The ids of a list as a set. */
export function toSortedIds(ids: Iterable<number>): SortedIds {
  return Uint32Array.from(new Set(ids)).sort();
}

/** Whether the set holds the id. Logarithmic. */
export function includesId(ids: SortedIds, id: number): boolean {
  return includesIdIn(ids, 0, ids.length, id);
}

/** Whether a part of a list, which is a set, holds the id. */
export function includesIdIn(list: Uint32Array, start: number, end: number, id: number): boolean {
  let low = start;
  let high = end - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = list[middle] ?? 0;
    if (found === id) return true;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** Whether the two sets have an id in common. */
export function intersects(left: SortedIds, right: SortedIds): boolean {
  return intersectsRange(left, right, 0, right.length);
}

/** Whether a set and a part of a list, which is a set too, have an id in common. */
export function intersectsRange(
  ids: SortedIds,
  list: Uint32Array,
  start: number,
  end: number,
): boolean {
  const count = end - start;
  if (ids.length <= count) {
    for (let at = 0; at < ids.length; at += 1) {
      if (includesIdIn(list, start, end, ids[at] ?? 0)) return true;
    }
    return false;
  }
  for (let at = start; at < end; at += 1) {
    if (includesIdIn(ids, 0, ids.length, list[at] ?? 0)) return true;
  }
  return false;
}
