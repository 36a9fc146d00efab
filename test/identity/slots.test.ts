import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSlots } from "../../src/identity/slots.ts";

describe("createSlots", () => {
  it("runs so much at a time, the rest in its order, and no more than may wait", async () => {
    const slots = createSlots(2, 3);
    const begun: number[] = [];
    const ends = Array.from({ length: 7 }, () => Promise.withResolvers<number>());
    const run = (n: number) =>
      slots(() => {
        begun.push(n);
        return ends[n]?.promise ?? assert.fail();
      });
    const results = [0, 1, 2, 3, 4].map(run);
    assert.equal(run(5), "full");
    assert.deepEqual(begun, [0, 1]);
    ends[1]?.resolve(1);
    await results[1];
    const last = run(6);
    assert.notEqual(last, "full", "there is room again");
    assert.deepEqual(begun, [0, 1, 2]);
    for (const [n, { resolve }] of ends.entries()) resolve(n);
    assert.deepEqual(await Promise.all([...results, last]), [0, 1, 2, 3, 4, 6]);
    assert.deepEqual(begun, [0, 1, 2, 3, 4, 6]);
  });

  it("frees the slot of work that fails", async () => {
    const slots = createSlots(1, 1);
    const failing = slots(() => Promise.reject(new Error("no")));
    const next = slots(() => Promise.resolve("yes"));
    await assert.rejects(async () => failing, /no/);
    assert.equal(await next, "yes");
    assert.equal(slots(() => Promise.resolve(1)) === "full", false);
  });
});
