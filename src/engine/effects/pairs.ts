import { isSameList } from "../../domain/same-list.ts";
import type { SortedIds } from "../sorted-ids.ts";
import type { Both } from "./sides.ts";

/** Two sets of ids. Equal ones are one object. */
export type Pair = Both<SortedIds>;

/** Makes each pair once. */
export interface Pairs {
  intern(before: SortedIds, after: SortedIds): Pair;
}

/** Knows none yet. Pairs are told apart by a hash and their numbers: texts of them would be as long as all memberships. */
export function createPairs(): Pairs {
  const byHash = new Map<number, Pair[]>();
  return {
    intern(before, after) {
      const hash = add(add(seed, before), after);
      const sameHash = byHash.get(hash);
      const known = sameHash?.find((it) => isSameList(it[0], before) && isSameList(it[1], after));
      if (known !== undefined) return known;
      const pair: Pair = [isSameList(before, after) ? after : before, after];
      if (sameHash === undefined) byHash.set(hash, [pair]);
      else sameHash.push(pair);
      return pair;
    },
  };
}

const seed = 0x811c9dc5;

/** FNV-1a, number by number. */
function add(hash: number, ids: SortedIds): number {
  let sum = Math.imul(hash ^ ids.length, 0x01000193);
  for (const id of ids) sum = Math.imul(sum ^ id, 0x01000193);
  return sum;
}
