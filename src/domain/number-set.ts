import { quote } from "./quote.ts";

/** The most ids that one text may expand to. */
export const maxNumberSetSize = 1_000_000;

/** The longest id that an expansion may hold, in UTF-16 code units: as long as a bot id may be. */
export const maxExpandedLength = 256;

/** The ids that a text stands for, in the order of their numbers, or what is wrong with the text. */
export type NumberSetExpansion =
  { readonly ids: string[]; readonly problem?: never } | { readonly problem: string };

/** One term of a set, both ends inclusive. `width` is what numbers are padded to with zeros; 0: not at all. */
interface Term {
  readonly first: number;
  readonly last: number;
  readonly width: number;
}

// Numbers of up to 15 digits are exact in a double.
const maxDigits = 15;

/**
 * Expands a bot id that may hold one set of numbers: `vm{1..3,7}-m1` is vm1-m1, vm2-m1, vm3-m1, vm7-m1.
 * Terms are numbers or inclusive ranges, strictly increasing. A term is padded with zeros to the width
 * of its ends if they are equally wide. `{{` and `}}` are literal braces; a trailing comma and an empty
 * set are allowed. A text without a set is its own only id. Refuses, before it allocates, more than
 * maxNumberSetSize ids and ids longer than maxExpandedLength. Whether an id is a good name is not
 * tested here.
 */
export function expandNumberSet(text: string): NumberSetExpansion {
  if (!/[{}]/.test(text)) return { ids: [text] };
  const parts = cutAtBraces(text);
  if ("problem" in parts) return parts;
  const { before, set, after } = parts;
  const terms = set === undefined ? [] : parseTerms(set);
  if ("problem" in terms) return terms;
  let count = 0;
  let longest = 0;
  for (const term of terms) {
    count += term.last - term.first + 1;
    longest = Math.max(longest, term.width, String(term.last).length);
  }
  if (count > maxNumberSetSize) {
    return { problem: `the set stands for more than ${maxNumberSetSize} ids` };
  }
  if (before.length + longest + after.length > maxExpandedLength) {
    return { problem: `the ids are longer than ${maxExpandedLength} characters` };
  }
  if (count === 0) return { ids: [before + after] };
  const ids: string[] = [];
  for (const { first, last, width } of terms) {
    for (let number = first; number <= last; number += 1) {
      ids.push(before + String(number).padStart(width, "0") + after);
    }
  }
  return { ids };
}

type Parts = {
  readonly before: string;
  readonly set: string | undefined;
  readonly after: string;
};

/** Cuts a text at the braces of its set and resolves the doubled ones outside of it, left to right. */
function cutAtBraces(text: string): Parts | { readonly problem: string } {
  let before = "";
  let set: string | undefined;
  let after = "";
  let inside = false;
  for (const [piece] of text.matchAll(/\{\{|\}\}|[{}]|[^{}]+/g)) {
    if (piece === "{") {
      if (inside) return { problem: 'the set holds a "{"' };
      if (set !== undefined) return { problem: "only one {...} set is allowed" };
      inside = true;
      set = "";
    } else if (piece === "}") {
      if (set === undefined) return { problem: 'there is a "}" before any "{"' };
      if (!inside) return { problem: "only one {...} set is allowed" };
      inside = false;
    } else if (inside) {
      set += piece;
    } else {
      const literal = piece === "{{" ? "{" : piece === "}}" ? "}" : piece;
      if (set === undefined) before += literal;
      else after += literal;
    }
  }
  if (inside) return { problem: 'the "{" of the set is never closed' };
  return { before, set, after };
}

/** Parses what stands between the braces of a set. */
function parseTerms(set: string): readonly Term[] | { readonly problem: string } {
  const texts = set.split(",");
  if (texts.at(-1) === "") texts.pop();
  const terms: Term[] = [];
  let previous = -1;
  for (const text of texts) {
    const match = /^([0-9]+)(?:\.\.([0-9]+))?$/.exec(text);
    if (match === null) {
      return {
        problem: `the set holds ${quote(shorten(text))}, not a number or a range like "1..9"`,
      };
    }
    const [, left = "", right] = match;
    if (left.length > maxDigits || (right?.length ?? 0) > maxDigits) {
      return { problem: `the set holds a number of more than ${maxDigits} digits` };
    }
    const first = Number(left);
    const last = right === undefined ? first : Number(right);
    if (right !== undefined && last <= first) {
      return { problem: `the range ${quote(text)} does not end above its start` };
    }
    if (first <= previous) {
      return { problem: `the numbers of the set do not increase: ${first} follows ${previous}` };
    }
    terms.push({
      first,
      last,
      width: right === undefined || right.length === left.length ? left.length : 0,
    });
    previous = last;
  }
  return terms;
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}...`;
}
