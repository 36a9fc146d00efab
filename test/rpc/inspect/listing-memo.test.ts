import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createListingMemo, maxListings } from "../../../src/rpc/inspect/listing-memo.ts";
import { inspectState } from "./support/inspect-world.ts";

const { snapshot } = inspectState();

describe("the memory of listings", () => {
  it("computes a listing once for a query and a snapshot", () => {
    const memo = createListingMemo();
    let computed = 0;
    const list = (of = snapshot, query: readonly unknown[] = ["q"]) =>
      memo.listingOf(of, query, () => [(computed += 1)]);
    assert.deepEqual([list(), list(), list()], [[1], [1], [1]]);
    assert.deepEqual(list(snapshot, ["q", ""]), [2]);
    assert.deepEqual(list({ ...snapshot }), [3]);
    assert.deepEqual(list(), [1]);
  });

  it("forgets the listing that was not read for longest, and keeps so many of a snapshot", () => {
    const memo = createListingMemo();
    const computed: number[] = [];
    const list = (query: number) =>
      memo.listingOf(snapshot, [query], () => {
        computed.push(query);
        return [];
      });
    for (let query = 0; query < maxListings; query += 1) list(query);
    list(0);
    list(maxListings);
    computed.length = 0;
    list(0);
    list(maxListings);
    assert.deepEqual(computed, []);
    list(1);
    assert.deepEqual(computed, [1]);
    assert.equal(maxListings, 8);
  });

  it("does not remember a failure", () => {
    const memo = createListingMemo();
    assert.throws(() =>
      memo.listingOf(snapshot, ["q"], () => {
        throw new Error("no");
      }),
    );
    assert.deepEqual(
      memo.listingOf(snapshot, ["q"], () => ["good"]),
      ["good"],
    );
  });
});
