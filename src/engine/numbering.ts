/** Numbers for texts, from 0 on, that are only ever added. */
export interface Numbering {
  /** Stands for what is numbered by now: another number after each text that is added, and in every other numbering. */
  readonly state: () => number;
  /** How many there are. */
  readonly count: () => number;
  /** The number of a text; undefined if it has none. */
  readonly find: (text: string) => number | undefined;
  /** The number of a text, which is given one if it has none. Not for texts that come from questions. */
  readonly intern: (text: string) => number;
  /** The text of a number that was given. */
  readonly textOf: (number: number) => string;
}

let states = 0;

/** Numbers nothing yet. */
export function createNumbering(): Numbering {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  let state = ++states;
  return {
    state: () => state,
    count: () => texts.length,
    find: (text) => numbers.get(text),
    intern(text) {
      const known = numbers.get(text);
      if (known !== undefined) return known;
      const number = texts.length;
      numbers.set(text, number);
      texts.push(text);
      state = ++states;
      return number;
    },
    textOf: (number) => texts[number] ?? "",
  };
}
