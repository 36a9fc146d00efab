import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { median, quantile, rotate } from "../../bench/statistics.ts";

describe("quantile", () => {
  test("is the smallest value with that share of all values at or below it", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    assert.equal(quantile(hundred, 0.5), 50);
    assert.equal(quantile(hundred, 0.99), 99);
    assert.equal(quantile(hundred, 1), 100);
    assert.equal(quantile(hundred, 0), 1);
    assert.equal(quantile([7], 0.99), 7);
  });

  test("is not a number when there are no values", () => {
    assert.ok(Number.isNaN(quantile([], 0.5)));
  });
});

describe("median", () => {
  test("sorts by size, not by spelling", () => {
    assert.equal(median([100, 9, 20]), 20);
  });

  test("of an even number of values is the mean of the middle two", () => {
    assert.equal(median([4, 1, 3, 2]), 2.5);
  });

  test("is not a number when there are no values", () => {
    assert.ok(Number.isNaN(median([])));
  });
});

describe("rotate", () => {
  test("begins at another place and keeps the order", () => {
    assert.deepEqual(rotate(["a", "b", "c"], 4), ["b", "c", "a"]);
    assert.deepEqual(rotate([], 3), []);
  });
});
