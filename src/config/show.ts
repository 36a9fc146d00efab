import { quote } from "../domain/quote.ts";

const maxShown = 200;

/** A name from a file for a message: quoted and escaped, long ones cut off. */
export function show(text: string): string {
  return text.length <= maxShown ? quote(text) : `${quote(text.slice(0, maxShown))}...`;
}

const maxPathNames = 12;

/** A path of names for a message, e.g. `"a" -> "b" -> "a"`; of a long one only both ends. */
export function showPath(names: readonly string[]): string {
  if (names.length <= maxPathNames) return names.map(show).join(" -> ");
  const half = maxPathNames / 2;
  const shown = [
    ...names.slice(0, half).map(show),
    `(${names.length - maxPathNames} more)`,
    ...names.slice(-half).map(show),
  ];
  return shown.join(" -> ");
}
