import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { includesId, intersects, toSortedIds } from "../../src/engine/sorted-ids.ts";

describe("sorted ids", () => {
  const list = fc.array(fc.nat(30));

  it("hold what they were made of", () => {
    fc.assert(
      fc.property(list, fc.nat(30), (ids, id) => {
        assert.equal(includesId(toSortedIds(ids), id), ids.includes(id));
      }),
    );
  });

  it("intersect when they share an id", () => {
    fc.assert(
      fc.property(list, list, (left, right) => {
        const expected = left.some((id) => right.includes(id));
        assert.equal(intersects(toSortedIds(left), toSortedIds(right)), expected);
      }),
    );
  });
});
