import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  fitPlan,
  fullPlan,
  limitSeconds,
  planSeconds,
  quickPlan,
} from "../../../bench/peers/plan.ts";
import { allRows, countRuns, select, type Variant } from "../../../bench/peers/rows.ts";

const others = { clients: 6, engines: 3, libraries: 4 };

function countsOf(variants: readonly Variant[]) {
  const selection = select(allRows(variants), undefined);
  assert.ok("rows" in selection);
  return countRuns(selection, others);
}

function someVariants(count: number): readonly Variant[] {
  return Array.from({ length: count }, (_, index) => ({ name: `v${index}` }));
}

describe("the plan of the comparison", () => {
  test("has at least five rounds, and ends within 20 minutes, three variants included", () => {
    const counts = countsOf(someVariants(3));
    const plan = fitPlan(fullPlan, counts);
    assert.ok(plan.rounds >= 5);
    assert.ok(planSeconds(plan, counts) <= limitSeconds);
    assert.ok(limitSeconds < 20 * 60);
  });

  test("is left as it is when there is time enough", () => {
    assert.equal(fitPlan(fullPlan, countsOf([]), 3_600), fullPlan);
  });

  test("has shorter runs and as many rounds when there is more to measure", () => {
    const counts = countsOf(someVariants(8));
    const plan = fitPlan(fullPlan, counts);
    assert.equal(plan.rounds, fullPlan.rounds);
    assert.ok(plan.seconds.saturated < fullPlan.seconds.saturated);
    assert.ok(planSeconds(plan, counts) <= limitSeconds);
  });

  test("is refused when its runs would be too short to say anything", () => {
    assert.throws(() => fitPlan(fullPlan, countsOf(someVariants(60))), /fewer rows/);
  });

  test("takes two minutes or less when it is quick", () => {
    assert.ok(planSeconds(quickPlan, countsOf([])) <= 130);
  });
});

describe("select", () => {
  const rows = allRows([]);

  test("knows every row by a name of its own", () => {
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  });

  test("takes rows and sections by name, in the order of the tables", () => {
    const selection = select(rows, ["stock", "engine", "bare"]);
    assert.ok("rows" in selection);
    assert.deepEqual(
      selection.rows.map(({ id }) => id),
      ["bare", "stock"],
    );
    assert.deepEqual([...selection.sections], ["engine"]);
  });

  test("says which name is nobody's", () => {
    assert.deepEqual(select(rows, ["bare", "fast"]), { unknown: "fast" });
  });
});
