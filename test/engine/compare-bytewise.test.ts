import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { compareBytewise } from "../../src/engine/compare-bytewise.ts";

describe("compareBytewise", () => {
  it("orders as the UTF-8 bytes do", () => {
    const unit = fc.constantFrom(
      "",
      "a",
      "b",
      "\u{7f}",
      "é",
      "\ud7ff",
      "\ue000",
      "\uffff",
      "\u{10000}",
      "\u{10ffff}",
    );
    const text = fc.string({ unit, maxLength: 6 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const expected = Buffer.compare(Buffer.from(left), Buffer.from(right));
        assert.equal(Math.sign(compareBytewise(left, right)), expected);
      }),
    );
  });
});
