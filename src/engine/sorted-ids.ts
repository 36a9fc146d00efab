/** A set of integer ids: ascending, distinct. */
export type SortedIds = Uint32Array;

/** The ids of a list as a set. */
export function toSortedIds(ids: Iterable<number>): SortedIds {
  return Uint32Array.from(new Set(ids)).sort();
}

/** Whether the set holds the id. Logarithmic. */
export function includesId(ids: SortedIds, id: number): boolean {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = ids[middle] ?? 0;
    if (found === id) return true;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** Whether the two sets have an id in common. */
export function intersects(left: SortedIds, right: SortedIds): boolean {
  const shorter = left.length <= right.length ? left : right;
  const longer = shorter === left ? right : left;
  for (const id of shorter) {
    if (includesId(longer, id)) return true;
  }
  return false;
}
