import { quote } from "../../domain/quote.ts";
import { TextFormatError } from "./text-format-error.ts";
import type { TextPosition } from "./text-tree.ts";

/** Walks over a text once, from left to right. Every step is linear in what it passes. */
export interface TextScanner {
  /** The next character (a UTF-16 code unit), or "" at the end. */
  peek(): string;
  /** Passes what the sticky expression matches here and returns it, or undefined. It must not match a line break. */
  take(sticky: RegExp): string | undefined;
  /** Passes the character if it comes next. */
  takeCharacter(character: string): boolean;
  /** Passes everything up to the first character that `stops` accepts, and returns it; no line break is passed. */
  takeUntil(stops: (code: number) => boolean): string;
  /** Passes white space and comments (`#` to the end of the line). */
  skipBlanks(): void;
  /** Where the next character stands. */
  position(): TextPosition;
  /** Throws a TextFormatError: `expected` was expected where something else comes next. */
  fail(expected: string): never;
}

/** Makes a scanner of a text; a byte order mark at its start is no part of it. */
export function createTextScanner(text: string): TextScanner {
  let offset = text.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  let lineStart = offset;
  const position = (): TextPosition => ({ line, column: offset - lineStart + 1 });
  return {
    peek: () => text.charAt(offset),
    take: (sticky) => {
      sticky.lastIndex = offset;
      const found = sticky.exec(text)?.[0];
      if (found !== undefined) offset += found.length;
      return found;
    },
    takeCharacter: (character) => {
      if (text.charAt(offset) !== character) return false;
      offset += 1;
      return true;
    },
    takeUntil: (stops) => {
      const start = offset;
      while (offset < text.length) {
        const code = text.charCodeAt(offset);
        if (code === 0x0a || stops(code)) break;
        offset += 1;
      }
      return text.slice(start, offset);
    },
    skipBlanks: () => {
      for (; offset < text.length; offset += 1) {
        const code = text.charCodeAt(offset);
        if (code === 0x0a) {
          line += 1;
          lineStart = offset + 1;
        } else if (code === 0x23) {
          const end = text.indexOf("\n", offset);
          offset = (end < 0 ? text.length : end) - 1;
        } else if (!isBlank(code)) {
          return;
        }
      }
    },
    position,
    fail: (expected) => {
      const message = `expected ${expected}, found ${describeNext(text, offset)}`;
      throw new TextFormatError(position(), message);
    },
  };
}

/** Space, tab, carriage return, vertical tab, form feed. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || (code >= 0x0b && code <= 0x0d);
}

const nextWord = /[0-9A-Za-z_]{1,40}|[^]/uy;

function describeNext(text: string, offset: number): string {
  nextWord.lastIndex = offset;
  const word = nextWord.exec(text)?.[0];
  if (word === undefined) return "the end of the text";
  return word === "\n" ? "the end of the line" : quote(word);
}
