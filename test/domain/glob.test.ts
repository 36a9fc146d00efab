import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { matchesGlob, maxGlobLength, parseGlob, type Glob } from "../../src/domain/glob.ts";
import { parseIdentity, type Identity } from "../../src/domain/identity.ts";

function glob(text: string): Glob {
  const parsed = parseGlob(text);
  assert.ok(parsed !== undefined, `${text} is not a glob`);
  return parsed;
}

describe("parseGlob", () => {
  it("keeps the text, the kind and the literals between the stars", () => {
    assert.deepEqual(parseGlob("user:a*b**"), {
      text: "user:a*b**",
      kind: "user",
      literals: ["a", "b", "", ""],
    });
  });

  it("accepts every kind, and patterns that no identity has", () => {
    for (const text of ["anonymous:*", "task:*", "runner:x", "bot:a b", "service:a:b*", "user:*"]) {
      assert.ok(parseGlob(text) !== undefined, text);
    }
  });

  it("refuses unknown kinds, empty patterns, control characters and what is too long", () => {
    const tooLong = `bot:${"b".repeat(maxGlobLength - 3)}`;
    for (const text of [
      "",
      "*",
      "user",
      "user:",
      ":*",
      "*:*",
      "User:*",
      "group:*",
      "bot:a\nb",
      "bot:\0",
      tooLong,
    ]) {
      assert.equal(parseGlob(text), undefined, JSON.stringify(text));
    }
  });
});

describe("matchesGlob", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["user:ann@x", "user:ann@x", true],
    ["user:ann@x", "user:ann@xy", false],
    ["user:ann@x", "user:bann@x", false],
    ["user:*", "user:ann@x", true],
    ["user:*", "bot:ann@x", false],
    ["bot:*", "user:ann@x", false],
    ["anonymous:*", "anonymous:anonymous", true],
    ["user:*@x", "user:ann@x", true],
    ["user:*@x", "user:ann@xy", false],
    ["user:ann@*", "user:ann@x", true],
    ["user:*ann@x", "user:ann@x", true],
    ["user:ann@x*", "user:ann@x", true],
    ["user:**", "user:ann@x", true],
    ["user:Ann@*", "user:ann@x", false],
    ["user:ann@x.com", "user:ann@xxcom", false],
    ["bot:a*b", "bot:ab", true],
    ["bot:a*b", "bot:a.b.b", true],
    ["bot:a*a", "bot:a", false],
    ["bot:ab*ba", "bot:aba", false],
    ["bot:*ab*ab*", "bot:ab", false],
    ["bot:*ab*ab*", "bot:xabab", true],
    ["bot:a*bc*d", "bot:abbcd", true],
    ["bot:a*bc*cd", "bot:abcd", false],
    ["bot:.*", "bot:xy", false],
    ["bot:[ab]", "bot:a", false],
    ["bot:?", "bot:a", false],
  ];
  for (const [pattern, identity, expected] of cases) {
    it(`${pattern} ${expected ? "matches" : "does not match"} ${identity}`, () => {
      assert.equal(matchesGlob(glob(pattern), identity as Identity), expected);
    });
  }

  it("agrees with a table over all pairs of prefixes", () => {
    const unit = fc.constantFrom("a", "b", "*");
    const pattern = fc.string({ unit, minLength: 1, maxLength: 8 });
    const value = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(pattern, value, (text, bot) => {
        const identity = parseIdentity(`bot:${bot}`);
        assert.ok(identity !== undefined);
        assert.equal(matchesGlob(glob(`bot:${text}`), identity), matchesByTable(text, bot));
      }),
      { numRuns: 2000 },
    );
  });
});

/** Whether a pattern matches a value, by the answers for all shorter pairs. */
function matchesByTable(pattern: string, value: string): boolean {
  let row = Array.from({ length: value.length + 1 }, (_, length) => length === 0);
  for (const character of pattern) {
    const next: boolean[] = [];
    for (let length = 0; length <= value.length; length += 1) {
      const before = length > 0;
      if (character === "*")
        next.push(row[length] === true || (before && next[length - 1] === true));
      else next.push(before && row[length - 1] === true && value[length - 1] === character);
    }
    row = next;
  }
  return row[value.length] === true;
}
