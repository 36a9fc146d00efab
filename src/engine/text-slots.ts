/**
 * Finds the numbers of texts, which are given from 0 on. Where the texts themselves are is up to the owner. Flat: to find a
 * text among hundreds of thousands, one slot is read that is not in the cache, and then the text.
 */
export interface TextSlots {
  readonly count: () => number;
  /** The number of a text; -1 if it has none. */
  readonly find: (text: string) => number;
  /** Gives the next number to a text, which has none. The owner must know it from then on. */
  readonly add: (text: string) => void;
  /** Gives back the memory that was meant for more texts. */
  readonly trim: () => void;
}

/** Creates slots for no text yet. `isText` says whether a number is that of a text. */
export function createTextSlots(isText: (number: number, text: string) => boolean): TextSlots {
  // A power of two; 0: free, else the number and 1 in the low bits, and in those above it what the hash has there: texts
  // that are not meant are told from it, and not looked at. Never more than two thirds are taken.
  let slots = new Uint32Array(32);
  // By number: more slots are filled without reading any text.
  let hashes = new Uint32Array(16);
  let count = 0;

  function put(hash: number, number: number): void {
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = (hash & ~mask) | (number + 1);
  }

  function grow(): void {
    if (count === hashes.length) {
      const larger = new Uint32Array(2 * count);
      larger.set(hashes);
      hashes = larger;
    }
    if (3 * (count + 1) <= 2 * slots.length) return;
    slots = new Uint32Array(2 * slots.length);
    for (let number = 0; number < count; number += 1) put(hashes[number] ?? 0, number);
  }

  return {
    count: () => count,
    find(text) {
      const hash = hashOf(text);
      const mask = slots.length - 1;
      let slot = hash & mask;
      for (;;) {
        const taken = slots[slot] ?? 0;
        if (taken === 0) return -1;
        if (((taken ^ hash) & ~mask) === 0 && isText((taken & mask) - 1, text)) {
          return (taken & mask) - 1;
        }
        slot = (slot + 1) & mask;
      }
    },
    add(text) {
      grow();
      const hash = hashOf(text);
      hashes[count] = hash;
      put(hash, count);
      count += 1;
    },
    trim() {
      hashes = hashes.slice(0, Math.max(count, 16));
    },
  };
}

// Another one in each process: nobody can choose names that are all in one place.
const seed = Math.floor(Math.random() * 2 ** 32);

/** FNV-1a, two characters at a time; and then each bit spread over all, as MurmurHash3 ends. */
function hashOf(text: string): number {
  let hash = seed;
  const { length } = text;
  let at = 0;
  for (; at + 1 < length; at += 2) {
    hash = Math.imul(hash ^ (text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8)), 0x01000193);
  }
  if (at < length) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ length ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
