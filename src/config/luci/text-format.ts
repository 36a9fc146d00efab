import { TextFormatError } from "./text-format-error.ts";
import { readNumber } from "./text-number.ts";
import { createTextScanner, type TextScanner } from "./text-scanner.ts";
import { isQuote, readString } from "./text-string.ts";
import type { TextField, TextFields, TextMessage, TextPosition, TextValue } from "./text-tree.ts";

/** The longest text that is read, in UTF-16 code units. */
export const maxTextFormatLength = 16 * 1024 * 1024;

/** How deep messages may be nested. */
export const maxTextFormatDepth = 100;

const identifier = /[A-Za-z_][0-9A-Za-z_]*/y;
const bracketedPart = /[0-9A-Za-z_-]+/y;
const numberStart = /[0-9.]/;
const specialFloat = /^(?:inf|infinity|nan)$/i;

/**
 * Reads protobuf text format into a tree of fields, without a schema. Throws a TextFormatError at the first
 * place that is not text format, and for a text that is too long or too deep.
 */
export function parseTextFormat(text: string): TextFields {
  if (text.length > maxTextFormatLength) {
    throw new TextFormatError(
      { line: 1, column: 1 },
      `the text is longer than ${maxTextFormatLength} characters`,
    );
  }
  refuseLoneSurrogates(text);
  const scanner = createTextScanner(text);
  const fields: TextField[] = [];
  for (scanner.skipBlanks(); scanner.peek() !== ""; scanner.skipBlanks()) {
    fields.push(readField(scanner, 0, "a field name"));
  }
  return fields;
}

/** No file in UTF-8 holds one; names and values that do could not be written out again. */
function refuseLoneSurrogates(text: string): void {
  const offset = text.search(/\p{Cs}/u);
  if (offset < 0) return;
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  throw new TextFormatError(
    { line, column: offset - lineStart + 1 },
    "expected a character, found half of a surrogate pair",
  );
}

function readField(scanner: TextScanner, depth: number, expected: string): TextField {
  const position = scanner.position();
  const name =
    scanner.peek() === "["
      ? readBracketedName(scanner)
      : (scanner.take(identifier) ?? scanner.fail(expected));
  scanner.skipBlanks();
  const hasColon = scanner.takeCharacter(":");
  if (hasColon) scanner.skipBlanks();
  const isList = scanner.peek() === "[";
  const values = isList
    ? readList(scanner, depth, !hasColon)
    : [readValue(scanner, depth, !hasColon, hasColon ? "a value" : '":" or "{"')];
  scanner.skipBlanks();
  if (!scanner.takeCharacter(",")) scanner.takeCharacter(";");
  return { name, position, isList, values };
}

/** Reads the name of an extension, `[a.b]`, or of the type of an Any, `[domain/a.B]`. */
function readBracketedName(scanner: TextScanner): string {
  scanner.takeCharacter("[");
  const parts = ["["];
  let hasSlash = false;
  for (;;) {
    scanner.skipBlanks();
    parts.push(scanner.take(bracketedPart) ?? scanner.fail("a part of a name in brackets"));
    scanner.skipBlanks();
    if (scanner.takeCharacter("]")) return `${parts.join("")}]`;
    if (scanner.takeCharacter(".")) {
      parts.push(".");
    } else if (!hasSlash && scanner.takeCharacter("/")) {
      hasSlash = true;
      parts.push("/");
    } else {
      scanner.fail(hasSlash ? '"." or "]"' : '".", "/" or "]"');
    }
  }
}

/** Reads `[a, b]`: all values are messages, or none is. */
function readList(scanner: TextScanner, depth: number, onlyMessages: boolean): TextValue[] {
  scanner.takeCharacter("[");
  scanner.skipBlanks();
  if (scanner.takeCharacter("]")) return [];
  const first = readValue(scanner, depth, onlyMessages, onlyMessages ? '"{"' : 'a value or "]"');
  const values = [first];
  for (;;) {
    scanner.skipBlanks();
    if (scanner.takeCharacter("]")) return values;
    if (!scanner.takeCharacter(",")) scanner.fail('"," or "]"');
    scanner.skipBlanks();
    const isMessage = first.kind === "message";
    if (!isMessage && startsMessage(scanner)) scanner.fail("a value that is not a message");
    values.push(readValue(scanner, depth, isMessage, isMessage ? '"{"' : "a value"));
  }
}

function readValue(
  scanner: TextScanner,
  depth: number,
  onlyMessages: boolean,
  expected: string,
): TextValue {
  if (startsMessage(scanner)) return readMessage(scanner, depth + 1);
  const next = scanner.peek();
  if (onlyMessages || next === "") scanner.fail(expected);
  const position = scanner.position();
  if (isQuote(next)) return { kind: "string", position, ...readString(scanner) };
  if (next === "-") return readNegative(scanner, position);
  if (numberStart.test(next)) return { kind: "number", position, value: readNumber(scanner) };
  const name = scanner.take(identifier) ?? scanner.fail(expected);
  return { kind: "identifier", position, name, isNegative: false };
}

function readNegative(scanner: TextScanner, position: TextPosition): TextValue {
  scanner.takeCharacter("-");
  scanner.skipBlanks();
  if (numberStart.test(scanner.peek())) {
    return { kind: "number", position, value: -readNumber(scanner) };
  }
  const namePosition = scanner.position();
  const name = scanner.take(identifier);
  if (name === undefined) scanner.fail('a number, "inf" or "nan" after "-"');
  if (!specialFloat.test(name)) {
    throw new TextFormatError(
      namePosition,
      `expected a number, "inf" or "nan" after "-", found "${name.slice(0, 40)}"`,
    );
  }
  return { kind: "identifier", position, name, isNegative: true };
}

function startsMessage(scanner: TextScanner): boolean {
  const next = scanner.peek();
  return next === "{" || next === "<";
}

/** Recursion is bounded by maxTextFormatDepth. */
function readMessage(scanner: TextScanner, depth: number): TextMessage {
  const position = scanner.position();
  if (depth > maxTextFormatDepth) {
    throw new TextFormatError(
      position,
      `messages are nested more than ${maxTextFormatDepth} levels deep`,
    );
  }
  const end = scanner.takeCharacter("{") ? "}" : ">";
  if (end === ">") scanner.takeCharacter("<");
  const fields: TextField[] = [];
  const expected = `a field name, or "${end}" for the message of line ${position.line}`;
  for (;;) {
    scanner.skipBlanks();
    if (scanner.takeCharacter(end)) return { kind: "message", position, fields };
    fields.push(readField(scanner, depth, expected));
  }
}
