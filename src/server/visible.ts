// Everything that is neither a letter, mark, number, punctuation, symbol nor plain space: what could
// make a line look like another one in a terminal.
const invisible = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

// What hardly any text has more than; a test by this is several times faster than the full one.
const plain = /^[ -~]*$/;

/**
 * A text that a peer chose, for a field of a log line: cut at `maxLength` characters, its control and
 * format characters as `\u{hex}`.
 */
export function visible(text: string, maxLength = 512): string {
  const start = text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
  if (plain.test(start)) return start;
  return start.replace(invisible, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
