import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findNearest } from "../../src/config/suggest.ts";

describe("findNearest", () => {
  const cases: readonly [
    name: string,
    candidates: readonly string[],
    nearest: string | undefined,
  ][] = [
    ["relm", ["realm", "name"], "realm"],
    ["Realm", ["realm"], "realm"],
    ["developers", ["developer", "developer2s"], "developer"],
    ["realm", ["mlaer"], undefined],
    ["ab", ["ac"], undefined],
    ["abc", ["abd"], "abd"],
    ["a-name-of-many", ["a-name-of-money"], "a-name-of-money"],
    ["groups", ["group"], "group"],
    ["aab", ["aabab"], undefined],
    ["aabaab", ["aabaabab"], "aabaabab"],
    ["", [""], ""],
  ];
  for (const [name, candidates, nearest] of cases) {
    it(`finds ${nearest} for ${name} among ${candidates.join(", ")}`, () => {
      assert.equal(findNearest(name, candidates), nearest);
    });
  }

  it("gives up on very long names and after very many candidates", () => {
    const long = "a".repeat(201);
    assert.equal(findNearest(long, [long]), undefined);
    const many = Array.from({ length: 2500 }, (_, index) => `zzzz${index % 10}`);
    assert.equal(findNearest("realm", [...many, "realn"]), undefined);
  });
});
