import assert from "node:assert/strict";
import { test } from "node:test";
import { formatClaims } from "../../../bench/claims/format-claims.ts";
import { inLanes } from "../../../bench/claims/lanes.ts";
import type { ServedRun } from "../../../bench/claims/run-claims.ts";

function runOf(calls: number, serverCpuSeconds: number): ServedRun {
  return { calls, seconds: 2, p50: 1.5, p99: 9, loadCpuSeconds: 1, serverCpuSeconds };
}

test("the tables of claims have the medians of rates, processor times by call, and rows by manager and heartbeat", () => {
  const text = formatClaims({
    ...{ pinned: true, loadBefore: 5.5, managers: 100 },
    claims: [
      {
        ...{ answer: "watch", inFlight: 12 },
        runs: [runOf(100, 1), runOf(400, 1), runOf(200, 1)],
      },
    ],
    ...{ enrolled: runOf(100, 2), enrolledForOne: runOf(40, 2) },
    beats: {
      ...{ first: [runOf(1_000, 2)], again: [runOf(4_000, 2)], known: 20 },
      ...{ calm: runOf(4, 0.1), beats: 500 },
      ...{ writes: new Map([["manager", 200]]), seconds: 50 },
    },
  });
  const cells = (label: string): readonly string[] => {
    const row = text.split("\n").find((line) => line.startsWith(`| ${label} `));
    assert.ok(row !== undefined, label);
    return row
      .split("|")
      .slice(2, -1)
      .map((cell) => cell.trim());
  };
  assert.deepEqual(cells("answer by WatchClaims, 12 at a time"), [
    ...["100", "1.5", "9", "5", "50 %", "50 %"],
  ]);
  assert.deepEqual(cells("100, for ten runners").slice(0, 4), ["50", "1.5", "9", "20"]);
  assert.deepEqual(cells("40, for one runner").slice(0, 1), ["20"]);
  assert.deepEqual(cells("20 managers again, as fast as it goes").slice(0, 4), [
    "2,000",
    "1.5",
    "9",
    "0.5",
  ]);
  assert.match(text, /WARNING: something else used the machine, with a load of 5\.5 /);
  assert.deepEqual(cells("manager"), ["200", "4", "2", "0.4"]);
});

test("lanes do each thing once, and what fails ends them", async () => {
  const done: number[] = [];
  const run = await inLanes({ inFlight: 3, goesOn: (index) => index < 10 }, async (index) => {
    await Promise.resolve();
    done.push(index);
  });
  assert.equal(run.calls, 10);
  assert.deepEqual(
    done.toSorted((a, b) => a - b),
    Array.from({ length: 10 }, (_, index) => index),
  );
  const failing = inLanes({ inFlight: 2, goesOn: () => true }, () =>
    Promise.reject(new Error("no")),
  );
  await assert.rejects(failing, /no/);
});
