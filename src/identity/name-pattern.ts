/** A text with gaps, each of which stands for one or more characters of an alphabet. */
export interface NamePattern {
  readonly regexp: RegExp;
  /** The words of the gaps in their order; "" for one that is not kept. */
  readonly words: readonly string[];
}

/** A text into which words are filled. */
export interface NameTemplate {
  /** One more than words: what stands before, between and behind them. */
  readonly texts: readonly string[];
  readonly words: readonly string[];
}

/** The longest pattern or template. */
export const maxPatternLength = 500;

const gap = /\{([a-z][a-z0-9_]{0,31})\}|\*/;

/**
 * Reads a pattern whose gaps stand for characters of `alphabet` (the inside of a character class), or says
 * what it must be. A name is found in one way only: between two gaps is a character that no gap can hold.
 */
export function parsePattern(text: string, alphabet: string): NamePattern | string {
  const parsed = parseGaps(text, alphabet);
  if (typeof parsed === "string") return parsed;
  const source = parsed.texts.map(escapeForRegExp).join(`([${alphabet}]+)`);
  return { regexp: new RegExp(`^${source}$`), words: parsed.words };
}

/**
 * Reads a template for the words of a pattern over the same alphabet, or says what it must be. Different
 * words make different texts, because between two of them is a character that neither can hold; and every
 * word of the pattern is there, unless the template is a fixed text.
 */
export function parseTemplate(
  text: string,
  pattern: NamePattern,
  alphabet: string,
): NameTemplate | string {
  const parsed = parseGaps(text, alphabet);
  if (typeof parsed === "string") return parsed;
  if (parsed.words.includes("")) return 'must not hold "*"';
  const kept = pattern.words.filter((word) => word !== "");
  if (parsed.words.some((word) => !kept.includes(word))) {
    return "must hold no {word} but those of the pattern";
  }
  if (kept.some((word) => !parsed.words.includes(word))) {
    return 'must hold every {word} of the pattern; write "*" in the pattern for what does not count';
  }
  return parsed;
}

/** The words that a pattern finds in a text, or undefined when it does not match. */
export function matchPattern(
  { regexp, words }: NamePattern,
  text: string,
): ReadonlyMap<string, string> | undefined {
  const match = regexp.exec(text);
  if (match === null) return undefined;
  return new Map(words.map((word, index) => [word, match[index + 1] ?? ""]));
}

/** The text that a template makes of words. */
export function fillTemplate(
  { texts, words }: NameTemplate,
  found: ReadonlyMap<string, string>,
): string {
  return texts
    .map((text, index) => (index === 0 ? "" : (found.get(words[index - 1] ?? "") ?? "")) + text)
    .join("");
}

function parseGaps(text: string, alphabet: string): NameTemplate | string {
  if (text === "" || text.length > maxPatternLength) {
    return `must be 1 to ${maxPatternLength} characters`;
  }
  const texts: string[] = [];
  const words: string[] = [];
  let rest = text;
  for (let match = gap.exec(rest); match !== null; match = gap.exec(rest)) {
    texts.push(rest.slice(0, match.index));
    words.push(match[1] ?? "");
    rest = rest.slice(match.index + match[0].length);
  }
  texts.push(rest);
  if (texts.some((part) => /[{}]/.test(part))) {
    return "must hold braces only around a word of a-z, 0-9 and _ that begins with a letter, such as {name}";
  }
  const kept = words.filter((word) => word !== "");
  if (new Set(kept).size < kept.length) return "must hold each {word} once only";
  const separator = new RegExp(`[^${alphabet}]`);
  if (!texts.slice(1, -1).every((between) => separator.test(between))) {
    return `must have a character between two gaps that none of them can hold, that is none of "${alphabet}"`;
  }
  return { texts, words };
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
