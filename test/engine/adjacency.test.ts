import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createAdjacency } from "../../src/engine/adjacency.ts";

describe("createAdjacency", () => {
  it("gives every row its values in the order of the pairs", () => {
    const pair = fc.tuple(fc.nat(9), fc.nat(1000));
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const { offsets, values } = createAdjacency(
          10,
          pairs.map(([row]) => row),
          pairs.map(([, value]) => value),
        );
        for (let row = 0; row < 10; row += 1) {
          const expected = pairs.filter(([at]) => at === row).map(([, value]) => value);
          assert.deepEqual([...values.subarray(offsets[row], offsets[row + 1])], expected);
        }
      }),
    );
  });
});
