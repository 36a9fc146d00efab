import { TextFormatError } from "./text-format-error.ts";
import type { TextScanner } from "./text-scanner.ts";

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["?", "?"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
]);

/** What string literals come to: octal and hexadecimal escapes are bytes, all else is characters. */
interface StringBuilder {
  appendText(text: string): void;
  appendByte(byte: number): void;
  finish(): { readonly text: string; readonly isUtf8: boolean };
}

/** Reads one or more adjacent string literals; the next character must be a quote. */
export function readString(scanner: TextScanner): {
  readonly text: string;
  readonly isUtf8: boolean;
} {
  const builder = createStringBuilder();
  do {
    readLiteral(scanner, builder);
    scanner.skipBlanks();
  } while (isQuote(scanner.peek()));
  return builder.finish();
}

/** Whether the character opens a string literal. */
export function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}

function readLiteral(scanner: TextScanner, builder: StringBuilder): void {
  const mark = scanner.peek();
  const markCode = mark.charCodeAt(0);
  scanner.takeCharacter(mark);
  for (;;) {
    const text = scanner.takeUntil((code) => code === markCode || code === 0x5c || code === 0);
    if (text !== "") builder.appendText(text);
    if (scanner.takeCharacter(mark)) return;
    if (scanner.peek() !== "\\") scanner.fail(`${mark} at the end of the string`);
    readEscape(scanner, builder);
  }
}

function readEscape(scanner: TextScanner, builder: StringBuilder): void {
  const position = scanner.position();
  scanner.takeCharacter("\\");
  const octal = scanner.take(/[0-7]{1,3}/y);
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    if (byte > 0xff) throw new TextFormatError(position, "an octal escape is at most \\377");
    builder.appendByte(byte);
    return;
  }
  const next = scanner.peek();
  const simple = simpleEscapes.get(next);
  if (simple !== undefined) {
    scanner.takeCharacter(next);
    builder.appendText(simple);
  } else if (scanner.takeCharacter("x")) {
    const digits = scanner.take(/[0-9a-fA-F]{1,2}/y) ?? scanner.fail("a hexadecimal digit");
    builder.appendByte(Number.parseInt(digits, 16));
  } else if (next === "u" || next === "U") {
    builder.appendText(readCodePoint(scanner));
  } else {
    scanner.fail("an escape: one of a b f n r t v ? \\ ' \", octal digits, x, u or U");
  }
}

/** Reads `uXXXX` (perhaps a surrogate pair of two such escapes) or `UXXXXXXXX`; the backslash is passed. */
function readCodePoint(scanner: TextScanner): string {
  const position = scanner.position();
  const first = readUnit(scanner);
  const isHigh = first >= 0xd800 && first <= 0xdbff;
  if (isHigh && scanner.takeCharacter("\\") && scanner.peek() === "u") {
    const second = readUnit(scanner);
    if (second >= 0xdc00 && second <= 0xdfff) return String.fromCharCode(first, second);
  }
  if (first > 0x10ffff || (first >= 0xd800 && first <= 0xdfff)) {
    throw new TextFormatError(position, "the escape names no Unicode character");
  }
  return String.fromCodePoint(first);
}

function readUnit(scanner: TextScanner): number {
  const digits = scanner.takeCharacter("u")
    ? (scanner.take(/[0-9a-fA-F]{4}/y) ?? scanner.fail("four hexadecimal digits"))
    : scanner.takeCharacter("U")
      ? (scanner.take(/[0-9a-fA-F]{8}/y) ?? scanner.fail("eight hexadecimal digits"))
      : scanner.fail("u or U");
  return Number.parseInt(digits, 16);
}

function createStringBuilder(): StringBuilder {
  let text = "";
  let isUtf8 = true;
  // Bytes above 0x7f in a row: they must be whole characters, as everything on both sides of them is.
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length === 0) return;
    const run = Uint8Array.from(bytes);
    bytes = [];
    const decoded = new TextDecoder("utf-8", { ignoreBOM: true }).decode(run);
    const encoded = new TextEncoder().encode(decoded);
    isUtf8 &&= encoded.length === run.length && encoded.every((byte, index) => byte === run[index]);
    text += decoded;
  };
  return {
    appendText: (more) => {
      flush();
      text += more;
    },
    appendByte: (byte) => {
      if (byte > 0x7f) {
        bytes.push(byte);
      } else {
        flush();
        text += String.fromCharCode(byte);
      }
    },
    finish: () => {
      flush();
      return { text, isUtf8 };
    },
  };
}
