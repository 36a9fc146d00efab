/**
 * A map from texts to numbers for hundreds of thousands of short texts, in a third of the memory of a Map with a string
 * for each. Texts are only ever added.
 */
export interface TextTable {
  readonly size: () => number;
  /** The number of a text; undefined if it has none. */
  readonly find: (text: string) => number | undefined;
  /** Adds a text with its number, below 2 ** 32; false, and nothing is changed, if the text is there. */
  readonly add: (text: string, value: number) => boolean;
  /** Gives back the memory that was meant for more texts. */
  readonly trim: () => void;
}

/** Creates an empty table. */
export function createTextTable(): TextTable {
  // Text number `index` is the bytes from ends[index] to ends[index + 1].
  let bytes = new Uint8Array(256);
  let ends = new Uint32Array(17);
  let values = new Uint32Array(16);
  let count = 0;
  // A power of two; 0: free, else the number of a text and 1. Never more than two thirds are taken.
  let slots = new Uint32Array(32);
  // Texts beyond ASCII are rare: a byte is a character of all others.
  const others = new Map<string, number>();

  /** The slot of a text, or the free one where it belongs. */
  function slotOf(text: string): number {
    const mask = slots.length - 1;
    let slot = hashOf(text) & mask;
    for (;;) {
      const index = (slots[slot] ?? 0) - 1;
      if (index < 0 || isText(index, text)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function isText(index: number, text: string): boolean {
    const start = ends[index] ?? 0;
    const { length } = text;
    if ((ends[index + 1] ?? 0) - start !== length) return false;
    for (let at = 0; at < length; at += 1) {
      if (bytes[start + at] !== text.charCodeAt(at)) return false;
    }
    return true;
  }

  function grow(length: number): void {
    if (count === values.length) {
      const room = Math.max(16, 2 * count);
      values = enlarged(values, room);
      ends = enlarged(ends, room + 1);
    }
    const used = ends[count] ?? 0;
    if (used + length > bytes.length) {
      const larger = new Uint8Array(2 * (used + length));
      larger.set(bytes);
      bytes = larger;
    }
    if (3 * (count + 1) <= 2 * slots.length) return;
    const old = slots;
    slots = new Uint32Array(2 * old.length);
    const mask = slots.length - 1;
    for (const taken of old) {
      if (taken === 0) continue;
      let slot = hashOfBytes(bytes, ends[taken - 1] ?? 0, ends[taken] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = taken;
    }
  }

  return {
    size: () => count + others.size,
    find(text) {
      if (!isAscii(text)) return others.get(text);
      const index = (slots[slotOf(text)] ?? 0) - 1;
      return index < 0 ? undefined : values[index];
    },
    add(text, value) {
      if (!isAscii(text)) {
        if (others.has(text)) return false;
        others.set(text, value);
        return true;
      }
      if ((slots[slotOf(text)] ?? 0) !== 0) return false;
      grow(text.length);
      let end = ends[count] ?? 0;
      for (let at = 0; at < text.length; at += 1) {
        bytes[end] = text.charCodeAt(at);
        end += 1;
      }
      values[count] = value;
      ends[count + 1] = end;
      const slot = slotOf(text);
      count += 1;
      slots[slot] = count;
      return true;
    },
    trim() {
      bytes = bytes.slice(0, ends[count] ?? 0);
      values = values.slice(0, count);
      ends = ends.slice(0, count + 1);
    },
  };
}

function enlarged(list: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(list);
  return larger;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) > 127) return false;
  }
  return true;
}

const seed = 0x811c9dc5;

/** FNV-1a, and the high bits folded into the low ones, which say the slot. */
function hashOf(text: string): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = seed;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}
