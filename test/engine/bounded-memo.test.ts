import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createBoundedMemo } from "../../src/engine/bounded-memo.ts";

describe("createBoundedMemo", () => {
  function memo(
    maxEntries: number,
    maxWeight: number,
  ): ReturnType<typeof createBoundedMemo<string, string>> {
    return createBoundedMemo({ maxEntries, maxWeight, weigh: (value) => value.length });
  }

  /** How many of the keys it still knows; looking brings no key back that it has forgotten. */
  function known(kept: ReturnType<typeof memo>, keys: readonly string[]): number {
    return keys.filter((key) => kept.get(key) !== undefined).length;
  }

  it("knows what was put in, and the newest value of a key", () => {
    const kept = memo(10, 100);
    kept.set("a", "1");
    kept.set("a", "2");
    assert.equal(kept.get("a"), "2");
    assert.equal(kept.get("b"), undefined);
  });

  it("never knows more entries than its bound", () => {
    const kept = memo(10, 1000);
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    for (const key of keys) kept.set(key, "v");
    const count = known(kept, keys);
    assert.ok(count >= 5 && count <= 10, `${count} entries`);
  });

  it("never weighs more than its bound", () => {
    const kept = memo(1000, 40);
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    for (const key of keys) kept.set(key, "four");
    const count = known(kept, keys);
    assert.ok(count >= 5 && count <= 10, `${count} entries of 4`);
  });

  it("keeps a value that is heavier than the bound until something else comes", () => {
    const kept = memo(10, 4);
    kept.set("heavy", "x".repeat(100));
    assert.equal(kept.get("heavy"), "x".repeat(100));
  });

  it("keeps what is used while others come and go", () => {
    const kept = memo(10, 1000);
    kept.set("hot", "v");
    for (let index = 0; index < 100; index += 1) {
      kept.set(`k${index}`, "v");
      assert.equal(kept.get("hot"), "v", `after ${index}`);
    }
  });
});
