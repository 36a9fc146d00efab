import type { SortedIds } from "../sorted-ids.ts";

/** Some ids among many, a bit for each. It need not be as long as the ids go. */
export type IdSet = Uint32Array;

/** The set of these ids, all of which are below `count`. */
export function createIdSet(ids: Iterable<number>, count: number): IdSet {
  const set = new Uint32Array((count + 31) >>> 5);
  for (const id of ids) addId(set, id);
  return set;
}

/** Adds an id while the set is made. It must be long enough. */
export function addId(set: IdSet, id: number): void {
  set[id >>> 5] = (set[id >>> 5] ?? 0) | (1 << (id & 31));
}

/** Whether an id is in the set. */
export function hasId(set: IdSet, id: number): boolean {
  return ((set[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
}

/** Whether the two sets have an id in common. */
export function meets(left: IdSet, right: IdSet): boolean {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    if (((left[at] ?? 0) & (right[at] ?? 0)) !== 0) return true;
  }
  return false;
}

/** How many ids are in the set. */
export function countIds(set: IdSet): number {
  let count = 0;
  for (let at = 0; at < set.length; at += 1) count += countBits(set[at] ?? 0);
  return count;
}

/** Puts the ids of the set into a list, ascending, from its beginning on. */
export function listIds(set: IdSet, list: SortedIds): void {
  let next = 0;
  for (let at = 0; at < set.length; at += 1) {
    for (let left = set[at] ?? 0; left !== 0; left &= left - 1) {
      list[next] = (at << 5) | trailingZeros(left);
      next += 1;
    }
  }
}

function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The place of the lowest bit that is set; there must be one. */
export function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
