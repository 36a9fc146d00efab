import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { PendingStreams, StreamTable } from "../../src/server/stream-table.ts";

type Step = readonly ["set" | "delete" | "get", number] | readonly ["clear"];

// Ids as clients number streams, few so that they meet again, and some that all have one place in a small table.
const id = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => 2 * n + 1),
  fc.integer({ min: 0, max: 40 }).map((n) => 2048 * n + 1),
  fc.constantFrom(2, 2 ** 31 - 1, 2 ** 31 - 2),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(fc.constantFrom("set", "delete", "get"), id) },
  { weight: 1, arbitrary: fc.constant(["clear"] as const) },
);

describe("StreamTable", () => {
  it("is what a Map is, in no order", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const table = new StreamTable<string>();
        const map = new Map<number, string>();
        for (const [index, [kind, key = 0]] of steps.entries()) {
          switch (kind) {
            case "set":
              assert.equal(table.set(key, `${index}`), table);
              map.set(key, `${index}`);
              break;
            case "delete":
              assert.equal(table.delete(key), map.delete(key));
              break;
            case "clear":
              table.clear();
              map.clear();
              break;
            default:
          }
          assert.equal(table.get(key), map.get(key));
          assert.equal(table.has(key), map.has(key));
          assert.equal(table.size, map.size);
        }
        assert.deepEqual(sorted(table), sorted(map));
        assert.deepEqual(new Set(table.keys()), new Set(map.keys()));
        assert.deepEqual(new Set(table.values()), new Set(map.values()));
      }),
      { numRuns: 500 },
    );
  });

  it("has nothing under ids that no stream has", () => {
    const table = new StreamTable<string>().set(1, "one");
    for (const none of [0, -1, 1.5, NaN, 2 ** 31, 2 ** 32 + 1]) {
      assert.equal(table.get(none), undefined, `${none}`);
      assert.equal(table.has(none), false, `${none}`);
      assert.equal(table.delete(none), false, `${none}`);
      assert.throws(() => table.set(none, "none"), RangeError);
    }
    assert.equal(table.size, 1);
  });

  it("has room for very many, and none of it when they are gone", () => {
    const table = new StreamTable<number>();
    for (let key = 1; key < 20_000; key += 2) table.set(key, key);
    assert.equal(table.size, 10_000);
    for (let key = 1; key < 20_000; key += 2) {
      assert.equal(table.get(key), key);
      assert.equal(table.delete(key), true);
    }
    assert.deepEqual([...table], []);
    assert.equal(table.set(7, 7).get(7), 7);
  });

  it("may be changed while it is walked: Node destroys streams that way", () => {
    const table = new StreamTable<string>();
    for (let key = 1; key < 100; key += 2) table.set(key, `${key}`);
    const seen: number[] = [];
    table.forEach((stream, key, of) => {
      assert.equal(stream, `${key}`);
      assert.equal(of, table);
      seen.push(key);
      // This one, and one that may or may not have been seen.
      table.delete(key);
      table.delete(100 - key);
    });
    assert.equal(table.size, 0);
    assert.equal(seen.length, 25);
  });
});

function sorted(table: Map<number, string>): readonly (readonly [number, string])[] {
  return [...table].sort(([one], [other]) => one - other);
}

describe("PendingStreams", () => {
  it("is what a Set is to Node", () => {
    const pending = new PendingStreams<string>().add("one").add("two").add("one").add("three");
    assert.equal(pending.size, 3);
    assert.equal(pending.delete("four"), false);
    const seen: string[] = [];
    pending.forEach((stream) => {
      seen.push(stream);
      assert.equal(pending.delete(stream), true);
      pending.delete("two");
    });
    assert.deepEqual(seen, ["one", "three"]);
    assert.equal(pending.size, 0);
    assert.equal(pending.has("one"), false);
  });
});
