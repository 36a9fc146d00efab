import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { measureFleet } from "../../bench/engine/measure.ts";
import { formatEngine } from "../../bench/engine/run-engine.ts";

describe("measureFleet", () => {
  test("has questions of every kind, and pools sorted by their answer", () => {
    const figures = measureFleet({ size: "small", seed: 1, rounds: 1, batchMs: 1 });
    assert.equal(figures.memberships, 1_000);
    for (const { kind, questions, permitted, coldNs, warmNs } of figures.kinds) {
      assert.ok(questions > 0, kind);
      assert.equal(coldNs.length, 1);
      assert.equal(warmNs.length, 1);
      if (kind === "pool allow") assert.equal(permitted, questions);
      if (kind === "pool deny") assert.equal(permitted, 0);
    }
    assert.match(formatEngine([figures]), /small, cold/);
  });
});
