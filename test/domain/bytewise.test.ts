import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  compareBytewise,
  compareLists,
  sortBytewise,
  sortedSet,
} from "../../src/domain/bytewise.ts";

const text = fc.string({ unit: fc.oneof(fc.constantFrom("a", "é", "\uffee", "😀"), fc.string()) });

describe("compareBytewise", () => {
  it("orders well-formed texts as their UTF-8 bytes do", () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        assert.equal(Math.sign(compareBytewise(left, right)), bytes);
      }),
    );
  });
});

describe("sortBytewise", () => {
  it("puts code points above U+FFFF behind all others, and sorts only a copy", () => {
    const list = ["😀", "\uffee", "a"];
    assert.deepEqual(sortBytewise(list), ["a", "\uffee", "😀"]);
    assert.deepEqual(list, ["😀", "\uffee", "a"]);
    assert.deepEqual(sortBytewise(["b", "B", "a"]), ["B", "a", "b"]);
  });
});

describe("sortedSet", () => {
  it("keeps one of each", () => {
    assert.deepEqual(sortedSet(["b", "a", "b"]), ["a", "b"]);
  });
});

describe("compareLists", () => {
  it("compares item by item, and puts a list before those that continue it", () => {
    assert.ok(compareLists(["a"], ["a", "a"]) < 0);
    assert.ok(compareLists(["b"], ["a", "z"]) > 0);
    assert.equal(compareLists([], []), 0);
  });
});
