// Everything that is neither a letter, mark, number, punctuation, symbol nor plain space: what could
// make a line look like another one in a terminal.
const invisible = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/**
 * A text that a peer chose, for a field of a log line: cut at `maxLength` characters, its control and
 * format characters as `\u{hex}`.
 */
export function visible(text: string, maxLength = 512): string {
  const start = text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
  return start.replace(invisible, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
