import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { expandNumberSet } from "./number-set.ts";

const cases: readonly (readonly [text: string, expected: readonly string[] | undefined])[] = [
  ["abc", ["abc"]],
  ["a{1..3}b", ["a1b", "a2b", "a3b"]],
  ["{1..3,7}", ["1", "2", "3", "7"]],
  ["a{01,002,03..04}", ["a01", "a002", "a03", "a04"]],
  ["a{002,01}", undefined],
  ["a{01,02,003,04..05}", ["a01", "a02", "a003", "a04", "a05"]],
  ["a{8..10}", ["a8", "a9", "a10"]],
  ["a{08..10}", ["a08", "a09", "a10"]],
  ["a{008..10}", ["a8", "a9", "a10"]],
  ["a{1,}b", ["a1b"]],
  ["a{}b", ["ab"]],
  ["a{,}b", undefined],
  ["a{,1}b", undefined],
  ["a{2..2}b", undefined],
  ["a{3..1}b", undefined],
  ["a{1,1}b", undefined],
  ["a{5..7,6}b", undefined],
  ["a{1}{2}b", undefined],
  ["a{1", undefined],
  ["a1}", undefined],
  ["a}1{", undefined],
  ["a{x}", undefined],
  ["a{1 }", undefined],
  ["a{-1}", undefined],
  ["a{1...3}", undefined],
  ["a{{1}}b", ["a{1}b"]],
  ["a{{{1..2}b", ["a{1b", "a{2b"]],
];

describe("expandNumberSet", () => {
  for (const [text, expected] of cases) {
    test(`${text} stands for ${expected?.join(", ") ?? "nothing: it is malformed"}`, () => {
      assert.deepEqual(expandNumberSet(text), expected);
    });
  }
});
