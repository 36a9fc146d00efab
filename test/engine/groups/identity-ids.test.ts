import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Identity } from "../../../src/domain/identity.ts";
import { createIdentityIds } from "../../../src/engine/groups/identity-ids.ts";

describe("numbers of identities", () => {
  it("are given in the order in which identities come, and found again like those in a Map", () => {
    const text = fc.oneof(
      fc.nat(60).map((number) => `user:u${number}@example.com`),
      fc.string({ unit: fc.constantFrom("a", "b", "\u{e9}"), maxLength: 3 }),
    );
    let again = 0;
    const property = fc.property(
      fc.array(text, { maxLength: 200, size: "max" }),
      fc.array(text),
      (texts, asked) => {
        const ids = createIdentityIds();
        const map = new Map<string, number>();
        for (const one of texts) {
          if (map.has(one)) again += 1;
          else map.set(one, map.size);
          assert.equal(ids.intern(one as Identity), map.get(one));
        }
        for (const one of [...texts, ...asked]) assert.equal(ids.find(one), map.get(one));
        assert.deepEqual(ids.texts, [...map.keys()]);
      },
    );
    fc.assert(property, { numRuns: 200 });
    assert.ok(again > 100);
  });

  it("are found among many, which they are told from", () => {
    const ids = createIdentityIds();
    const nameOf = (number: number): string => `user:u${number}@example.com`;
    for (let number = 0; number < 50_000; number += 1) ids.intern(nameOf(number) as Identity);
    for (let number = 0; number < 50_000; number += 1) {
      assert.equal(ids.find(nameOf(number)), number);
      assert.equal(ids.find(nameOf(number + 50_000)), undefined);
    }
  });
});
