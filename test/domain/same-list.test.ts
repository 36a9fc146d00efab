import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSameList } from "../../src/domain/same-list.ts";

describe("isSameList", () => {
  const one = {};
  const cases: readonly (readonly [
    left: readonly unknown[],
    right: readonly unknown[],
    boolean,
  ])[] = [
    [[], [], true],
    [["a", one], ["a", one], true],
    [["a", "b"], ["b", "a"], false],
    [["a"], ["a", undefined], false],
    [[one], [{}], false],
  ];
  for (const [left, right, expected] of cases) {
    it(`says ${expected} of ${JSON.stringify(left)} and ${JSON.stringify(right)}`, () => {
      assert.equal(isSameList(left, right), expected);
      assert.equal(isSameList(right, left), expected);
    });
  }

  it("holds for lists of numbers", () => {
    assert.equal(isSameList(Uint32Array.of(1, 2), Uint32Array.of(1, 2)), true);
    assert.equal(isSameList(Uint32Array.of(1, 2), Uint32Array.of(1, 3)), false);
  });
});
