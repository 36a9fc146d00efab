import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseTextFormat } from "../../../src/config/luci/text-format.ts";
import { TextFormatError } from "../../../src/config/luci/text-format-error.ts";
import { plainTree, type PlainTree, type PlainValue } from "./support/plain-tree.ts";
import { spellTree } from "./support/spell-tree.ts";

const word = fc.stringMatching(/^[A-Za-z_][0-9A-Za-z_]{0,8}$/);
const fieldName = fc.oneof(
  { weight: 5, arbitrary: word },
  { weight: 1, arbitrary: fc.tuple(word, word).map(([a, b]) => `[${a}.${b}]`) },
  { weight: 1, arbitrary: fc.tuple(word, word).map(([a, b]) => `[${a}.com/${b}]`) },
);
const scalar: fc.Arbitrary<PlainValue> = fc.oneof(
  // A word is told from a string by what stands before it.
  fc.string({ unit: "binary" }).filter((text) => !text.startsWith("id ")),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  word.map((name) => `id ${name}`),
  fc.constantFrom("id -inf", "id -nan", "id -Infinity"),
);
const { tree } = fc.letrec<{ tree: PlainTree; value: PlainValue }>((tie) => ({
  tree: fc.array(fc.tuple(fieldName, tie("value")), { maxLength: 5, depthIdentifier: "tree" }),
  value: fc.oneof({ maxDepth: 5, depthIdentifier: "tree" }, scalar, tie("tree")),
}));

const fragments = fc.constantFrom(
  ..."{}<>[]:;,.-#/\\'\"\n \t\0é\ud83d".split(""),
  ...[
    "realms",
    "name",
    "a",
    "inf",
    "0x1f",
    "017",
    "1.5e-3",
    "9f",
    "\\n",
    "\\377",
    "\\x4",
    "\\u00e9",
  ],
  ...["\\ud83d\\ude00", "\\U0001f600", "# x\n", '"x"', "'y'", "a{", "a:[", "}", "\ufeff", "😀"],
);

describe("parseTextFormat, for random input", () => {
  it("reads every spelling of a tree as the same tree", () => {
    fc.assert(
      fc.property(tree, fc.infiniteStream(fc.nat(1000)), (expected, choices) => {
        const text = spellTree(expected, (count) => Number(choices.next().value) % count);
        assert.deepEqual(plainTree(parseTextFormat(text)), expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("throws nothing but its own error, at a place inside the text", () => {
    const text = fc.oneof(
      fc.array(fragments, { maxLength: 60 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary", maxLength: 200 }),
    );
    fc.assert(fc.property(text, readsOrPoints), { numRuns: 5000 });
  });

  it("throws nothing but its own error for text that was damaged in one place", () => {
    const damage = fc.record({ at: fc.nat(), cut: fc.nat(3), insert: fragments });
    fc.assert(
      fc.property(
        tree,
        fc.infiniteStream(fc.nat(1000)),
        damage,
        (good, choices, { at, cut, insert }) => {
          const text = spellTree(good, (count) => Number(choices.next().value) % count);
          const start = at % (text.length + 1);
          readsOrPoints(text.slice(0, start) + insert + text.slice(start + cut));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function readsOrPoints(text: string): void {
  try {
    parseTextFormat(text);
  } catch (error) {
    assert.ok(error instanceof TextFormatError, String(error));
    const lines = text.split("\n");
    const { line, column } = error.position;
    assert.ok(line >= 1 && line <= lines.length);
    assert.ok(column >= 1 && column <= (lines[line - 1] ?? "").length + 1);
  }
}
