import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createAllowances } from "../../src/credentials/allowances.ts";

describe("allowances", () => {
  it("are so many at once, and come back with the time, up to that", () => {
    let now = 0;
    const limits = { atOnce: 3, perSecond: 2, maxDebt: 1, max: 10 };
    const { leftOf, charge } = createAllowances(limits, () => now);
    assert.equal(leftOf("a"), 3);
    for (const left of [2, 1, 0, -1, -1]) {
      charge("a");
      assert.equal(leftOf("a"), left);
    }
    assert.equal(leftOf("b"), 3, "each has its own");
    now = 750;
    assert.equal(leftOf("a"), 0.5);
    now = 60_000;
    assert.equal(leftOf("a"), 3);
  });

  it("are forgotten of who was charged longest ago, when there are too many", () => {
    const limits = { atOnce: 3, perSecond: 1, maxDebt: 0, max: 2 };
    const { leftOf, charge } = createAllowances(limits, () => 0);
    for (const who of ["a", "b", "a", "c"]) charge(who);
    assert.deepEqual(["a", "b", "c"].map(leftOf), [1, 3, 2]);
  });
});
