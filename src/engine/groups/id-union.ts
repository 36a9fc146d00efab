import type { SortedIds } from "../sorted-ids.ts";
import { trailingZeros } from "./id-set.ts";

/**
 * Unites sets of ids, one union at a time: what comes out is sorted, and costs what went in and a 1,024th of the
 * highest id. It works in memory of its own, which grows with the ids.
 */
export interface IdUnion {
  /** Adds an id; whether it is new in this union. */
  readonly add: (id: number) => boolean;
  readonly addAll: (ids: SortedIds) => void;
  /** How many ids are in it so far. */
  readonly size: () => number;
  /** Ends the union, and begins the next one: puts the ids into a list, from a place on. */
  readonly take: (ids: SortedIds, from: number) => void;
}

/** Creates it, empty. */
export function createIdUnion(): IdUnion {
  // A bit for each id, and above these a bit for each word of them that is not 0.
  let words = new Uint32Array(32);
  let summary = new Uint32Array(1);
  let size = 0;

  function grow(word: number): void {
    const before = { words, summary };
    summary = new Uint32Array((word >>> 5) * 2 + 1);
    words = new Uint32Array(summary.length << 5);
    summary.set(before.summary);
    words.set(before.words);
  }

  function add(id: number): boolean {
    const at = id >>> 5;
    if (at >= words.length) grow(at);
    const word = words[at] ?? 0;
    const bit = 1 << (id & 31);
    if ((word & bit) !== 0) return false;
    if (word === 0) summary[at >>> 5] = (summary[at >>> 5] ?? 0) | (1 << (at & 31));
    words[at] = word | bit;
    size += 1;
    return true;
  }

  return {
    add,
    addAll(ids) {
      for (let index = 0; index < ids.length; index += 1) add(ids[index] ?? 0);
    },
    size: () => size,
    take(ids, from) {
      let next = from;
      const end = from + size;
      for (let above = 0; next < end; above += 1) {
        let left = summary[above] ?? 0;
        summary[above] = 0;
        while (left !== 0) {
          const at = (above << 5) | trailingZeros(left);
          left &= left - 1;
          let word = words[at] ?? 0;
          words[at] = 0;
          while (word !== 0) {
            ids[next] = (at << 5) | trailingZeros(word);
            next += 1;
            word &= word - 1;
          }
        }
      }
      size = 0;
    },
  };
}
