import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { quote } from "../../src/domain/quote.ts";

describe("quote", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", '""'],
    ["plain text", '"plain text"'],
    ['a"b', String.raw`"a\"b"`],
    ["a\\b", String.raw`"a\\b"`],
    ["it's `so`", `"it's \`so\`"`],
    ["\x07\b\f\n\r\t\v", String.raw`"\a\b\f\n\r\t\v"`],
    ["\0\x1f\x7f", String.raw`"\x00\x1f\x7f"`],
    ["\x80\x9f", String.raw`"\u0080\u009f"`],
    ["é, ß, 漢, \u{1f600}", '"é, ß, 漢, \u{1f600}"'],
    ["\u00a0\u2003\u3000", String.raw`"\u00a0\u2003\u3000"`],
    ["\u2028\u2029", String.raw`"\u2028\u2029"`],
    ["\u200b\u202e\ufeff", String.raw`"\u200b\u202e\ufeff"`],
    ["\u{e0001}\u{10ffff}", String.raw`"\U000e0001\U0010ffff"`],
    ["a\ud800b", String.raw`"a\ud800b"`],
    ["e\u0301", '"e\u0301"'],
  ];
  for (const [text, quoted] of cases) {
    it(`writes ${JSON.stringify(text)} as ${quoted}`, () => {
      assert.equal(quote(text), quoted);
    });
  }

  it("never lets a line, a control character or the end of the quotes through", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const quoted = quote(text);
        assert.doesNotMatch(quoted, /\p{C}|(?! )\p{Z}/u);
        assert.match(quoted, /^"(?:[^"\\]|\\.)*"$/u);
      }),
    );
  });

  it("writes different texts differently", () => {
    const text = fc.string({ unit: "binary", maxLength: 4 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        assert.equal(quote(left) === quote(right), left === right);
      }),
    );
  });
});
