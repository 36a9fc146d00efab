import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { listAt, noLists, withLists } from "../../src/engine/paged-lists.ts";

const anyId = fc.oneof(fc.nat(5), fc.constantFrom(255, 256, 257, 511, 512), fc.nat(2000));
const anyChanges = fc.array(
  fc.tuple(
    anyId,
    fc.option(fc.array(fc.nat(9), { minLength: 1, maxLength: 2 }), { nil: undefined }),
  ),
  { maxLength: 5 },
);

describe("lists in pages", () => {
  it("are in every version what a copy would be", () => {
    fc.assert(
      fc.property(fc.array(anyChanges, { maxLength: 10 }), (steps) => {
        const versions = [{ lists: noLists, plain: new Map<number, readonly number[]>() }];
        for (const changes of steps) {
          const { lists, plain } = versions[versions.length - 1] as (typeof versions)[number];
          const next = new Map(plain);
          for (const [id, list] of changes) {
            if (list === undefined) next.delete(id);
            else next.set(id, list);
          }
          versions.push({ lists: withLists(lists, changes), plain: next });
        }
        for (const { lists, plain } of versions) {
          for (let id = 0; id <= 2100; id += 1) assert.equal(listAt(lists, id), plain.get(id));
        }
      }),
    );
  });
});
