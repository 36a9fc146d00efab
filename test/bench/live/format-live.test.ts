import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatLive } from "../../../bench/live/format-live.ts";
import type { LiveResults, SizeFigures } from "../../../bench/live/run-live.ts";

const quiet = { wallMs: 2, cpuMs: 1, gcMs: 0.5 };

function sizeOf(memberships: number, bytes: number, cpuUs: number): SizeFigures {
  const costs = { wallUs: [2 * cpuUs], cpuUs };
  const load = { ms: 500, cpuMs: 400, stalls: quiet, bytes, rssBefore: 0, rssAfter: bytes };
  return {
    memberships,
    loads: [load],
    ...{ advanceSmall: costs, advanceLarge: costs, follow: costs },
    parts: { groups: bytes - 30e6, compiled: 10e6, configured: 20e6 },
  };
}

const results: LiveResults = {
  groups: 20_000,
  sizes: [sizeOf(1_000, 50e6, 10), sizeOf(101_000, 60e6, 12)],
  actions: [
    { name: "short", asked: [quiet], other: [quiet] },
    { name: "long", asked: [quiet, { ...quiet, wallMs: 60, cpuMs: 50 }], other: [quiet] },
    { name: "now and then", asked: [quiet, quiet, { ...quiet, cpuMs: 11 }], other: [quiet] },
    { name: "pushed aside", asked: [{ ...quiet, wallMs: 60 }], other: [quiet] },
  ],
  visibility: [
    {
      plan: { notify: true, perSecond: 1, seconds: 1, pollMs: 1 },
      writes: [
        {
          ...{ dueAt: 100, sentAt: 101, acknowledgedAt: 120 },
          seen: [
            { at: 119, notBefore: 117 },
            { at: 125, notBefore: 122 },
          ],
        },
      ],
    },
  ],
};

describe("formatLive", () => {
  const rows = formatLive(results).split("\n");
  const cells = (label: string): readonly string[] => {
    const row = rows.find((line) => line.startsWith(`| ${label} `));
    assert.ok(row !== undefined, label);
    return row
      .split("|")
      .slice(2, -1)
      .map((cell) => cell.trim());
  };

  test("counts from when a write was due, and from its acknowledgement but never below nothing", () => {
    const acknowledged = ["1", "20", "20", "20", "0", "0", "0", "-"];
    assert.deepEqual(cells("NOTIFY on, acknowledged"), acknowledged);
    const first = ["1", "19", "19", "19", "0", "0", "0", "2"];
    assert.deepEqual(cells("NOTIFY on, visible at replica 1, which wrote"), first);
    assert.deepEqual(cells("NOTIFY on, visible at replica 2"), [
      ...["1", "25", "25", "25", "5", "5", "5", "3"],
    ]);
    assert.deepEqual(cells("NOTIFY on, visible at all").slice(1, 2), ["25"]);
  });

  test("compares times with those of the smallest size", () => {
    assert.equal(cells("advance, small groups, 101,000").at(-1), "1.20 ×");
  });

  test("counts the bytes of a membership beyond the smallest size", () => {
    assert.equal(cells("1,000").at(-2), "-");
    assert.equal(cells("101,000").at(-2), "100");
  });

  test("says which actions stall for more than 10 ms by their own work", () => {
    assert.equal(cells("short: at the replica asked").at(-1), "no");
    assert.equal(cells("long: at the replica asked").at(-1), "yes");
    assert.equal(cells("long: at another").at(-1), "no");
    assert.equal(cells("now and then: at the replica asked").at(-1), "at times");
    assert.equal(cells("pushed aside: at the replica asked").at(-1), "by the clock");
  });
});
