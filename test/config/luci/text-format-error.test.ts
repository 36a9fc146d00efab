import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTextFormat } from "../../../src/config/luci/text-format.ts";
import { TextFormatError } from "../../../src/config/luci/text-format-error.ts";

const cases: readonly [text: string, line: number, column: number, message: RegExp][] = [
  ["a", 1, 2, /^expected ":" or "{", found the end of the text$/],
  ["a:", 1, 3, /^expected a value, found the end of the text$/],
  ["a b", 1, 3, /^expected ":" or "{", found "b"$/],
  ['a "x"', 1, 3, /^expected ":" or "{"/],
  ["a 1", 1, 3, /^expected ":" or "{", found "1"$/],
  [": 1", 1, 1, /^expected a field name, found ":"$/],
  ["1: 2", 1, 1, /^expected a field name, found "1"$/],
  ['"a": 1', 1, 1, /^expected a field name, found "\\""$/],
  ["{ a: 1 }", 1, 1, /^expected a field name, found "{"$/],
  ["a: 1,, b: 2", 1, 6, /^expected a field name, found ","$/],
  ["a: 1,; b: 2", 1, 6, /^expected a field name, found ";"$/],
  ["; a: 1", 1, 1, /^expected a field name/],
  ["a: 1 }", 1, 6, /^expected a field name, found "}"$/],
  [
    "a {\n  b: 1\n",
    3,
    1,
    /^expected a field name, or "}" for the message of line 1, found the end of the text$/,
  ],
  ["a {\n  b: 1\n>", 3, 1, /^expected a field name, or "}" for the message of line 1, found ">"$/],
  ["a <\n}", 2, 1, /^expected a field name, or ">" for the message of line 1, found "}"$/],
  ["a: = 1", 1, 4, /^expected a value, found "="$/],
  ["a: é", 1, 4, /^expected a value, found "é"$/],
  ["a: : 1", 1, 4, /^expected a value, found ":"$/],
  ["a: +1", 1, 4, /^expected a value, found "\+"$/],
  ["a: -", 1, 5, /^expected a number, "inf" or "nan" after "-", found the end of the text$/],
  ["a: -\n 'x'", 2, 2, /^expected a number, "inf" or "nan" after "-"/],
  ["a: - FOO", 1, 6, /^expected a number, "inf" or "nan" after "-", found "FOO"$/],
  ["a: --1", 1, 5, /^expected a number/],
  ["a: 08", 1, 4, /^expected a decimal, octal or hexadecimal integer or a float, found "08"$/],
  ["a: 0x", 1, 4, /float, found "0x"$/],
  ["a: 0xg", 1, 4, /float, found "0xg"$/],
  ["a: 10bar", 1, 4, /float, found "10bar"$/],
  ["a: 1.2.3", 1, 4, /float, found "1.2.3"$/],
  ["a: 1e", 1, 4, /float, found "1e"$/],
  ["a: .", 1, 4, /float, found "."$/],
  ["a: 2 . 0", 1, 6, /^expected a field name, found "\."$/],
  ["a: [1", 1, 6, /^expected "," or "]", found the end of the text$/],
  ["a: [1 2]", 1, 7, /^expected "," or "]", found "2"$/],
  ["a: [1,]", 1, 7, /^expected a value, found "]"$/],
  ["a: [,]", 1, 5, /^expected a value or "]", found ","$/],
  ["a: [[1]]", 1, 5, /^expected a value or "]", found "\["$/],
  ["a: [1; 2]", 1, 6, /^expected "," or "]", found ";"$/],
  ["a: [1, {}]", 1, 8, /^expected a value that is not a message, found "{"$/],
  ["a: [{}, 1]", 1, 9, /^expected "{", found "1"$/],
  ["a [1]", 1, 4, /^expected "{", found "1"$/],
  ["[]: 1", 1, 2, /^expected a part of a name in brackets, found "]"$/],
  ["[a.]: 1", 1, 4, /^expected a part of a name in brackets/],
  ["[a b]: 1", 1, 4, /^expected "\.", "\/" or "]", found "b"$/],
  ["[a/b/c]: 1", 1, 5, /^expected "\." or "]", found "\/"$/],
  ["[a", 1, 3, /^expected "\.", "\/" or "]", found the end of the text$/],
  ['a: "x', 1, 6, /^expected " at the end of the string, found the end of the text$/],
  ["a: 'x\ny'", 1, 6, /^expected ' at the end of the string, found the end of the line$/],
  ['a: "x\0"', 1, 6, /^expected " at the end of the string, found "\\x00"$/],
  ['a: "\\', 1, 6, /^expected an escape: .*, found the end of the text$/],
  ['a: "\\q"', 1, 6, /^expected an escape: .*, found "q"$/],
  ['a: "\\8"', 1, 6, /^expected an escape/],
  ['a: "\\\n"', 1, 6, /^expected an escape: .*, found the end of the line$/],
  ['a: "\\400"', 1, 5, /^an octal escape is at most \\377$/],
  ['a: "\\xg"', 1, 7, /^expected a hexadecimal digit, found "g"$/],
  ['a: "\\u12"', 1, 7, /^expected four hexadecimal digits, found "12"$/],
  ['a: "\\U0011000"', 1, 7, /^expected eight hexadecimal digits/],
  ['a: "\\U00110000"', 1, 6, /^the escape names no Unicode character$/],
  ['a: "\\ud83d"', 1, 6, /^the escape names no Unicode character$/],
  ['a: "\\ud83d\\n"', 1, 6, /^the escape names no Unicode character$/],
  ['a: "\\ude00\\ud83d"', 1, 6, /^the escape names no Unicode character$/],
  ['b: 1\na: "\ud83d"', 2, 5, /half of a surrogate pair$/],
  [`a: ${"1".repeat(401)}`, 1, 4, /^a number has at most 400 characters$/],
];

describe("TextFormatError", () => {
  for (const [text, line, column, message] of cases) {
    it(`points at line ${line}, column ${column} of ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(
        () => parseTextFormat(text),
        (error) => {
          assert.ok(error instanceof TextFormatError);
          assert.match(error.message, message);
          assert.deepEqual(error.position, { line, column });
          return true;
        },
      );
    });
  }
});
