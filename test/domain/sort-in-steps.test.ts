import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { sortBytewise } from "../../src/domain/bytewise.ts";
import { sortBytewiseInSteps } from "../../src/domain/sort-in-steps.ts";
import { finish } from "../../src/domain/steps.ts";

describe("sortBytewiseInSteps", () => {
  it("gives what sortBytewise gives, equal texts and surrogates included, of lists of any length", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom("a", "b", "\ud83d\ude00", "\uffff", "\ue000"),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), fc.nat(3000), (some, length) => {
        const texts = Array.from(
          { length: some.length === 0 ? 0 : length },
          (_, index) => `${some[(index * 7) % some.length]}${(index * 31) % 97}`,
        );
        assert.deepEqual(finish(sortBytewiseInSteps(texts)), sortBytewise(texts));
      }),
      { numRuns: 60 },
    );
  });

  it("has steps", () => {
    const steps = sortBytewiseInSteps(Array.from({ length: 5_000 }, (_, at) => `${at % 613}`));
    let count = 0;
    while (steps.next().done !== true) count += 1;
    assert.ok(count > 50, String(count));
  });
});
