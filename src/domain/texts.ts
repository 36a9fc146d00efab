/** Keeps one copy of equal texts: rows and records bring a new one each, and policies repeat theirs thousands of times. */
export interface Texts {
  readonly one: (text: string) => string;
  /** The same of a list, which must not be changed any more. Equal short lists are one too. */
  readonly list: (texts: readonly string[]) => readonly string[];
}

const none: readonly string[] = Object.freeze([]);

/** Knows none yet. To be dropped once all is put together. */
export function createTexts(): Texts {
  const texts = new Map<string, string>();
  const alone = new Map<string, readonly string[]>();

  function one(text: string): string {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, text);
    return text;
  }

  return {
    one,
    list(list) {
      const [first] = list;
      if (first === undefined) return none;
      if (list.length > 1) return list.map(one);
      let single = alone.get(first);
      if (single === undefined) {
        single = [one(first)];
        alone.set(first, single);
      }
      return single;
    },
  };
}
