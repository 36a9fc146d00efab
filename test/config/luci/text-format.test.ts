import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  maxTextFormatDepth,
  maxTextFormatLength,
  parseTextFormat,
} from "../../../src/config/luci/text-format.ts";
import { TextFormatError } from "../../../src/config/luci/text-format-error.ts";
import { plainTree } from "./support/plain-tree.ts";

const plain = (text: string) => plainTree(parseTextFormat(text));

describe("parseTextFormat", () => {
  const trees: readonly [name: string, text: string, tree: ReturnType<typeof plain>][] = [
    ["reads an empty text", "", []],
    ["reads a text of blanks and comments", " \t\r\n\v\f# a\n  # b", []],
    ["passes over a byte order mark at the start", "\ufeffa: 1", [["a", 1n]]],
    ["reads a message without a colon", "a { b: 1 }", [["a", [["b", 1n]]]]],
    ["reads a message with a colon", "a: { b: 1 }", [["a", [["b", 1n]]]]],
    ["reads a message in angle brackets", "a < b: < c: 1 > >", [["a", [["b", [["c", 1n]]]]]]],
    [
      "reads an empty message",
      "a{}b<>",
      [
        ["a", []],
        ["b", []],
      ],
    ],
    [
      "reads fields in one line",
      "a: 1 b: 2",
      [
        ["a", 1n],
        ["b", 2n],
      ],
    ],
    [
      "lets a comma or a semicolon end a field",
      "a: 1, b {}; c: 2,",
      [
        ["a", 1n],
        ["b", []],
        ["c", 2n],
      ],
    ],
    [
      "keeps repeated fields in order",
      "a: 1 b: 2 a: 3",
      [
        ["a", 1n],
        ["b", 2n],
        ["a", 3n],
      ],
    ],
    [
      "reads a list of scalars",
      "a: [1, 'x', Y]",
      [
        ["a", 1n],
        ["a", "x"],
        ["a", "id Y"],
      ],
    ],
    ["reads an empty list", "a: [] b: [ # none\n ]", []],
    [
      "reads a list of messages without a colon",
      "a [{ b: 1 }, < >]",
      [
        ["a", [["b", 1n]]],
        ["a", []],
      ],
    ],
    ["reads an empty list without a colon", "a []", []],
    [
      "reads blanks and comments between all parts",
      "a # x\n : # y\n [ # z\n 1 # w\n , 2 ] # v\n ;",
      [
        ["a", 1n],
        ["a", 2n],
      ],
    ],
    [
      "reads an extension",
      "[a.b_c.D] { } [x]: 1",
      [
        ["[a.b_c.D]", []],
        ["[x]", 1n],
      ],
    ],
    [
      "reads an Any with blanks in its name",
      "[ type.googleapis.com / a . # x\n B ]: <>",
      [["[type.googleapis.com/a.B]", []]],
    ],
    [
      "reads words as they are",
      "a: true b: False c: ENUM_1 d: inf e: _x",
      [
        ["a", "id true"],
        ["b", "id False"],
        ["c", "id ENUM_1"],
        ["d", "id inf"],
        ["e", "id _x"],
      ],
    ],
    [
      "reads negative words of floats",
      "a: -inf b: - # x\n NaN c: -Infinity",
      [
        ["a", "id -inf"],
        ["b", "id -NaN"],
        ["c", "id -Infinity"],
      ],
    ],
    [
      "reads decimal, octal and hexadecimal integers",
      "a: 0 b: 10 c: 017 d: 0x1F e: 0XfF",
      [
        ["a", 0n],
        ["b", 10n],
        ["c", 15n],
        ["d", 31n],
        ["e", 255n],
      ],
    ],
    [
      "reads negative integers of any size",
      "a: -7 b: - 0x10 c: 18446744073709551616",
      [
        ["a", -7n],
        ["b", -16n],
        ["c", 18446744073709551616n],
      ],
    ],
    [
      "reads floats",
      "a: 1.5 b: .5 c: 2. d: 1e3 e: 1.E-2 f: 1f g: 2.5F h: -0.25e+2",
      [
        ["a", 1.5],
        ["b", 0.5],
        ["c", 2],
        ["d", 1000],
        ["e", 0.01],
        ["f", 1],
        ["g", 2.5],
        ["h", -25],
      ],
    ],
  ];
  for (const [name, text, tree] of trees) {
    it(name, () => assert.deepEqual(plain(text), tree));
  }

  const strings: readonly [name: string, literal: string, value: string][] = [
    ["double quotes", String.raw`"it's"`, "it's"],
    ["single quotes", String.raw`'say "x"'`, 'say "x"'],
    ["an empty string", `""`, ""],
    ["adjacent literals", `"a" 'b'\n  # between\n "c""d"`, "abcd"],
    ["a number sign", `"a # b"`, "a # b"],
    ["characters beyond ASCII", `"é – 😀"`, "é – 😀"],
    ["simple escapes", String.raw`"\a\b\f\n\r\t\v\?\\\'\""`, "\x07\b\f\n\r\t\v?\\'\""],
    ["octal escapes of one to three digits", String.raw`"\1\12\1012"`, "\x01\nA2"],
    ["hexadecimal escapes of one or two digits", String.raw`"\x41\x9z\x4142"`, "A\tzA42"],
    [
      "bytes that make UTF-8 together",
      String.raw`"\xc3\xa9 \303\251 \xf0\x9f" "\x98\x80"`,
      "é é 😀",
    ],
    ["an escaped byte order mark", String.raw`"\xef\xbb\xbf"`, "\ufeff"],
    ["Unicode escapes", String.raw`"\u00e9\U0001f600\U0010FFFF"`, "é😀\u{10ffff}"],
    ["an escaped surrogate pair", String.raw`"\ud83d\ude00"`, "😀"],
  ];
  for (const [name, literal, value] of strings) {
    it(`reads ${name}`, () => assert.deepEqual(plain(`a: ${literal}`), [["a", value]]));
  }

  it("marks a string whose bytes are not UTF-8", () => {
    for (const literal of [
      String.raw`"\xff"`,
      String.raw`"\xc3" "z"`,
      String.raw`"\355\240\275"`,
    ]) {
      const value = parseTextFormat(`a: ${literal}`)[0]?.values[0];
      assert.ok(value?.kind === "string");
      assert.equal(value.isUtf8, false);
    }
  });

  it("says where fields and values stand", () => {
    const [field] = parseTextFormat('# x\r\n\ta {\n  b: [1,\n "c"]\n}');
    assert.deepEqual(field?.position, { line: 2, column: 2 });
    const message = field?.values[0];
    assert.ok(message?.kind === "message");
    assert.deepEqual(message.position, { line: 2, column: 4 });
    assert.deepEqual(message.fields[0]?.position, { line: 3, column: 3 });
    assert.deepEqual(
      message.fields[0]?.values.map(({ position }) => position),
      [
        { line: 3, column: 7 },
        { line: 4, column: 2 },
      ],
    );
  });

  it("tells a list of one value from the value alone", () => {
    const [list, single] = parseTextFormat("a: [1] a: 1");
    assert.deepEqual([list?.isList, single?.isList], [true, false]);
  });

  it("reads messages up to the depth limit and refuses one level more", () => {
    const nested = (depth: number) => `${"a{".repeat(depth)}${"}".repeat(depth)}`;
    assert.equal(parseTextFormat(nested(maxTextFormatDepth)).length, 1);
    assert.throws(
      () => parseTextFormat(nested(maxTextFormatDepth + 1)),
      (error) =>
        error instanceof TextFormatError &&
        error.position.column === 2 * (maxTextFormatDepth + 1) &&
        /nested more than 100 levels/.test(error.message),
    );
  });

  it("refuses hostile nesting and size without exhausting the stack", () => {
    for (const text of [
      "a{".repeat(1_000_000),
      "a:[".repeat(1_000_000),
      "a<a:[".repeat(1_000_000),
    ]) {
      assert.throws(() => parseTextFormat(text), TextFormatError);
    }
    assert.throws(() => parseTextFormat(" ".repeat(maxTextFormatLength + 1)), TextFormatError);
  });

  it("reads single words of a million characters", () => {
    const long = "x".repeat(1_000_000);
    assert.deepEqual(plain(`${long}: ${long}`), [[long, `id ${long}`]]);
    assert.deepEqual(plain(`a: "${long}"`), [["a", long]]);
    assert.deepEqual(plain(`a: "${"\\303\\251".repeat(100_000)}"`), [["a", "é".repeat(100_000)]]);
    assert.throws(() => parseTextFormat(`a: ${"1".repeat(1_000_000)}`), TextFormatError);
  });
});
