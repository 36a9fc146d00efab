import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judge, judgeFigures } from "../../../bench/peers/figures.ts";
import { fullPlan } from "../../../bench/peers/plan.ts";
import { formatPeers } from "../../../bench/peers/report.ts";
import type { MeasuredRun, PeersResults, RowFigures } from "../../../bench/peers/results.ts";
import { allRows } from "../../../bench/peers/rows.ts";
import { ratioOf } from "../../../bench/peers/summary.ts";

/** A run in which each request took so many microseconds of processor time, and 99 % at most so many to answer. */
function runOf(cpu: number, p99: number): MeasuredRun {
  return {
    ...{ calls: 1_000, seconds: 1, p50: p99 / 2, p99, p999: p99, max: p99, delay99: 1 },
    ...{ loadCpuSeconds: 0.5, serverCpuSeconds: (cpu * 1_000) / 1e6 },
  };
}

/** Rows that took so much processor time a request, and when one is in flight a hundred times that for the 99th percentile. */
function rowsOf(cpus: Readonly<Record<string, number>>): readonly RowFigures[] {
  return allRows([])
    .filter(({ id }) => Object.hasOwn(cpus, id))
    .map((row) => {
      const cpu = cpus[row.id] ?? NaN;
      const runs = [1, 1.1, 0.9].map((share) => runOf(cpu * share, 100 * cpu * share));
      return { row, runs: { saturated: runs, h2load: [], one: runs, paced: [] } };
    });
}

const nothing: PeersResults = {
  ...{ plan: fullPlan, quick: false, seconds: 1, rounds: 3, pinned: true, versions: {} },
  ...{ leftOut: [], worlds: {}, perSecond: 100, rows: [], clients: {}, engine: {} },
  ...{ libraries: [], loading: undefined },
};

const good = {
  ...{ bare: 20, ours: 22, "ours-log": 26, stock: 230, "grpc-js": 33, "ours-packed-1000": 550 },
  ...{ "cerbos-derived": 170, "cerbos-plain": 130, "ours-batch-50": 100 },
  ...{ "cerbos-derived-50": 4_000, "cerbos-plain-50": 1_800 },
};

function verdicts(results: PeersResults): ReadonlyMap<string, string> {
  return new Map(judgeFigures(results).map(({ what, verdict }) => [what, verdict]));
}

describe("judgeFigures", () => {
  test("says of everything that was not measured just that", () => {
    for (const { measured, verdict } of judgeFigures(nothing)) {
      assert.deepEqual([measured, verdict], ["-", "not measured"]);
    }
  });

  test("takes ratios the right way round: what is cheaper than its target is ok", () => {
    const found = [...verdicts({ ...nothing, rows: rowsOf(good) })];
    const measured = found.filter(([, verdict]) => verdict !== "not measured");
    assert.equal(measured.length, 13);
    assert.deepEqual(
      measured.filter(([, verdict]) => verdict !== "ok"),
      [],
    );
  });

  // Each of them alone is dearer, or its peer cheaper, than it may be.
  for (const [id, cpu, short] of [
    ["ours-log", 29, "server CPU, the same with call log on"],
    ["stock", 150, "server CPU, stock connect-node with our engine, of ours"],
    ["grpc-js", 26, "server CPU, grpc-js with an empty handler, of ours"],
    ["cerbos-derived", 150, "server CPU, Cerbos derived roles, of ours"],
    ["cerbos-plain", 105, "server CPU, Cerbos plain roles, of ours"],
    ["cerbos-derived-50", 3_400, "server CPU, Cerbos derived roles, batch 50"],
    ["cerbos-plain-50", 1_500, "server CPU, Cerbos plain roles, batch 50"],
    ["ours-packed-1000", 700, "packed 1,000: checks a second of processor time"],
    ["stock", 240, undefined],
  ] as const) {
    test(`finds what falls short when ${id} takes ${cpu} µs`, () => {
      const found = verdicts({ ...nothing, rows: rowsOf({ ...good, [id]: cpu }) });
      const shorts = [...found].filter(([, verdict]) => verdict === "falls short");
      // The latencies of these rows follow their processor time.
      const ofCpu = shorts.map(([what]) => what).filter((what) => !what.startsWith("one in"));
      assert.deepEqual(ofCpu, short === undefined ? [] : [short]);
    });
  }

  test("compares the 99th percentile of ours with a tenth of stock's, and with Cerbos's", () => {
    const found = verdicts({
      ...nothing,
      rows: rowsOf({ ...good, ours: 22, stock: 219, "cerbos-plain": 21 }),
    });
    assert.equal(found.get("one in flight, p99, ours of stock connect-node's"), "falls short");
    assert.equal(found.get("one in flight, p99, ours of Cerbos's, plain roles"), "falls short");
    assert.equal(found.get("one in flight, p99, ours of Cerbos's, derived roles"), "ok");
  });

  test("holds checks in the process to the same time at every size, in both directions", () => {
    const engineOf = (small: number, large: number): PeersResults => ({
      ...nothing,
      engine: {
        "1k": [{ hotNs: small, randomNs: small, coldNs: 1 }],
        "1M": [{ hotNs: large, randomNs: large, coldNs: 1 }],
      },
    });
    const growth = "check in the process, hot, 1 M of 1 k, not ";
    const dearer = verdicts(engineOf(300, 400));
    assert.equal(dearer.get(`${growth}dearer`), "falls short");
    assert.equal(dearer.get(`${growth}cheaper`), "ok");
    const cheaper = verdicts(engineOf(400, 300));
    assert.equal(cheaper.get(`${growth}dearer`), "ok");
    assert.equal(cheaper.get(`${growth}cheaper`), "falls short");
  });

  test("judges a change by the dearer of its kinds", () => {
    const quiet = { wallMs: 30, cpuMs: 20, gcMs: 1 };
    const load = {
      ms: 2_500,
      cpuMs: 2_000,
      stalls: quiet,
      bytes: 140e6,
      rssBefore: 0,
      rssAfter: 1,
    };
    const found = verdicts({
      ...nothing,
      loading: {
        loads: [load],
        memberSmall: { wallUs: [20], cpuUs: 20 },
        memberLarge: { wallUs: [120], cpuUs: 120 },
        nesting: { totalMs: [12], longestMs: [6], afterUs: [1] },
      },
    });
    assert.equal(found.get("one membership change at 1 M, main thread"), "falls short");
    assert.equal(found.get("nesting change at 1 M"), "ok");
    assert.equal(found.get("its slices"), "falls short");
    assert.equal(found.get("full load of 1 M from Postgres"), "ok");
    assert.equal(found.get("memory after load of 1 M memberships"), "ok");
  });
});

describe("judge", () => {
  const of = { what: "w", unit: " ×", value: { middle: 2, least: 1.5, most: 2.5 } };

  test("takes the limit itself as reached, and shows the spread", () => {
    const atMost = judge({ ...of, bound: "at most", limit: 2 });
    assert.deepEqual(atMost, {
      ...{ what: "w", target: "≤ 2 ×", measured: "2 × (1.5–2.5)", verdict: "ok" },
    });
    assert.equal(judge({ ...of, bound: "at least", limit: 2 }).verdict, "ok");
  });
});

describe("ratioOf", () => {
  test("divides medians, and shows the ratios of single rounds", () => {
    const { middle, least, most } = ratioOf([10, 30, 20], [10, 10, 20]);
    assert.deepEqual([middle, least, most], [2, 1, 3]);
  });
});

describe("formatPeers", () => {
  test("has a row for everything that was measured, and the figures with their verdicts", () => {
    const text = formatPeers({ ...nothing, rows: rowsOf(good) });
    assert.match(text, /^\| Fleetgate +\| +22 \(19.8–24.2\) \| +22 \| +1.1 × \| +1 × \|/m);
    assert.match(text, /^\| server CPU, stock connect-node.* \| +≥ 7 × \| .* \| +ok \|/m);
    assert.doesNotMatch(text, /undefined|NaN/);
  });
});
