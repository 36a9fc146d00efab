import { createTextSlots } from "./text-slots.ts";

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
  // Of the text of each number, in the order in which they came: where its bytes begin, and its value; then where they end.
  let entries = new Uint32Array(33);
  let bytes = new Uint8Array(256);
  const slots = createTextSlots(isText);
  // Texts beyond ASCII are rare: a byte is a character of all others.
  const others = new Map<string, number>();

  function isText(number: number, text: string): boolean {
    const start = entries[2 * number] ?? 0;
    const { length } = text;
    if ((entries[2 * number + 2] ?? 0) - start !== length) return false;
    for (let at = 0; at < length; at += 1) {
      if (bytes[start + at] !== text.charCodeAt(at)) return false;
    }
    return true;
  }

  function grow(count: number, length: number): void {
    if (2 * count + 3 > entries.length) {
      const larger = new Uint32Array(Math.max(33, 2 * entries.length));
      larger.set(entries);
      entries = larger;
    }
    const used = entries[2 * count] ?? 0;
    if (used + length <= bytes.length) return;
    const larger = new Uint8Array(2 * (used + length));
    larger.set(bytes);
    bytes = larger;
  }

  return {
    size: () => slots.count() + others.size,
    find(text) {
      if (!isAscii(text)) return others.get(text);
      const number = slots.find(text);
      return number < 0 ? undefined : entries[2 * number + 1];
    },
    add(text, value) {
      if (!isAscii(text)) {
        if (others.has(text)) return false;
        others.set(text, value);
        return true;
      }
      if (slots.find(text) >= 0) return false;
      const count = slots.count();
      grow(count, text.length);
      let end = entries[2 * count] ?? 0;
      for (let at = 0; at < text.length; at += 1) {
        bytes[end] = text.charCodeAt(at);
        end += 1;
      }
      entries[2 * count + 1] = value;
      entries[2 * count + 2] = end;
      slots.add(text);
      return true;
    },
    trim() {
      const count = slots.count();
      bytes = bytes.slice(0, entries[2 * count] ?? 0);
      entries = entries.slice(0, 2 * count + 1);
      slots.trim();
    },
  };
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) > 127) return false;
  }
  return true;
}
