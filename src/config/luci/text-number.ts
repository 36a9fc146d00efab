import { TextFormatError } from "./text-format-error.ts";
import type { TextScanner } from "./text-scanner.ts";

/** The most characters a number may have. */
export const maxNumberLength = 400;

// Everything that touches a number belongs to it, so that "10bar" is one bad number and not two good words.
const candidate = new RegExp(`(?:[eE][+-]|[0-9A-Za-z_.]){1,${maxNumberLength + 1}}`, "y");

const integer = /^(?:0|[1-9][0-9]*)$/;
const octal = /^0[0-7]+$/;
const hexadecimal = /^0[xX][0-9a-fA-F]+$/;
const float = /^(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?$/;

/** Reads the unsigned number that comes next: an integer as a bigint, all others as a number. */
export function readNumber(scanner: TextScanner): bigint | number {
  const position = scanner.position();
  const text = scanner.take(candidate) ?? scanner.fail("a number");
  if (text.length > maxNumberLength) {
    throw new TextFormatError(position, `a number has at most ${maxNumberLength} characters`);
  }
  if (integer.test(text) || hexadecimal.test(text)) return BigInt(text);
  if (octal.test(text)) return BigInt(`0o${text.slice(1)}`);
  if (float.test(text)) return Number(text.replace(/[fF]$/, ""));
  throw new TextFormatError(
    position,
    `expected a decimal, octal or hexadecimal integer or a float, found "${text.slice(0, 40)}"`,
  );
}
