const shortEscapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

// Letters, marks, numbers, punctuation and symbols, and of the spaces only U+0020: what Go calls printable.
const needsEscape = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

// What hardly any name has; a test by this is several times faster than the full one.
const plain = /^[ !#-[\]-~]*$/;

/**
 * Quotes a name for a message or a log as a Go double-quoted string, so that quotes, control and
 * format characters arrive escaped (docs/semantics.md §8).
 */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  return `"${text.replace(needsEscape, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
