import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createTextTable } from "../../src/engine/text-table.ts";

describe("a text table", () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", "-", "\u{e9}", "\u{1f600}"), maxLength: 4 }),
    fc.nat(40).map((number) => `vm${number}-m1`),
  );

  it("finds what a Map finds, and keeps the first number of a text", () => {
    let twice = 0;
    const property = fc.property(
      fc.array(text, { maxLength: 200, size: "max" }),
      fc.array(text),
      (texts, asked) => {
        const table = createTextTable();
        table.trim();
        const map = new Map<string, number>();
        for (const [number, one] of texts.entries()) {
          const isNew = !map.has(one);
          if (isNew) map.set(one, number);
          else twice += 1;
          assert.equal(table.add(one, number), isNew);
          assert.equal(table.size(), map.size);
          if (number % 50 === 0) table.trim();
        }
        for (const one of [...texts, ...asked]) assert.equal(table.find(one), map.get(one));
      },
    );
    fc.assert(property, { numRuns: 200 });
    assert.ok(twice > 100);
  });

  it("holds many, and does not find what only looks like one of them", () => {
    const table = createTextTable();
    for (let number = 0; number < 20_000; number += 1) table.add(`host-${number}`, number);
    for (let number = 0; number < 20_000; number += 1) {
      assert.equal(table.find(`host-${number}`), number);
    }
    const strangers = ["host-20000", "host-", "host-1 ", "Host-1", "", "toString", "host-\u{131}"];
    for (const stranger of strangers) {
      assert.equal(table.find(stranger), undefined, stranger);
    }
  });
});
