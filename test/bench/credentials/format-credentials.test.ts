import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatCredentials } from "../../../bench/credentials/format-credentials.ts";
import type { MeasuredRun } from "../../../bench/credentials/measure.ts";
import type { CredentialResults } from "../../../bench/credentials/run-credentials.ts";

function runOf(calls: number, serverCpuSeconds: number): MeasuredRun {
  const times = { p50: 200, p99: 900, p999: 1_000, max: 2_000, delay99: 1 };
  return { calls, seconds: 1, ...times, loadCpuSeconds: 0.9, serverCpuSeconds };
}

const one = { perSecond: 400, paced: [runOf(400, 0.1)] };
const batch = { method: "batch", perSecond: 0, paced: [] } as const;

const results: CredentialResults = {
  pinned: true,
  tokens: 50_000,
  cached: [
    {
      ...{ wire: "gRPC", method: "identify", subject: "empty", ...one },
      saturated: [runOf(10_000, 1)],
    },
    {
      ...{ wire: "gRPC", method: "identify", subject: "fleetgate", ...one },
      saturated: [runOf(10_000, 1.5)],
    },
    {
      ...{ wire: "gRPC", method: "identify", subject: "seldom", ...one, paced: [] },
      saturated: [runOf(10_000, 2)],
    },
    { ...batch, wire: "gRPC", subject: "empty", saturated: [runOf(100, 0.9)] },
    { ...batch, wire: "gRPC", subject: "fleetgate", saturated: [runOf(100, 1.8)] },
  ],
  inProcess: [{ ns: 1_500, calls: 1 }],
  uncached: {
    ...{ saturated: [runOf(2_000, 1)], perSecond: 800 },
    ...{ paced: [runOf(800, 0.4)], slow: [runOf(50, 0.1)] },
  },
  sustained: {
    tokens: 1_000,
    runs: [{ method: "batch", perSecond: 10_000, run: runOf(100, 0.5) }],
    writes: new Map([
      ["credential_use", 1_000],
      ["credential_audit", 500],
    ]),
    ...{ identifications: 10_000, seconds: 50 },
  },
  replicas: 2,
  revocations: [
    {
      plan: { notify: false, perSecond: 1, seconds: 1, pollMs: 1 },
      writes: [
        {
          ...{ dueAt: 100, sentAt: 101, acknowledgedAt: 110 },
          seen: [107, 400, 108, 402].map((at) => ({ at, notBefore: at - 3 })),
        },
      ],
    },
  ],
};

describe("formatCredentials", () => {
  const rows = formatCredentials(results).split("\n");
  const cells = (label: string): readonly string[] => {
    const row = rows.find((line) => line.startsWith(`| ${label} `));
    assert.ok(row !== undefined, label);
    return row
      .split("|")
      .slice(2, -1)
      .map((cell) => cell.trim());
  };

  test("compares the processor time of a call with that of the empty handler, and a batch token by token", () => {
    assert.deepEqual(cells("gRPC, Fleetgate, IdentifyCaller").slice(0, 4), [
      ...["10,000", "150", "150", "1.50 ×"],
    ]);
    assert.equal(cells("gRPC, Fleetgate, seldom asked, IdentifyCaller")[3], "2.00 ×");
    assert.deepEqual(cells("gRPC, Fleetgate, batches of 100").slice(0, 4), [
      ...["10,000", "18,000", "180", "2.00 ×"],
    ]);
  });

  test("counts rows written by the second and by the token", () => {
    assert.deepEqual(cells("credential_use"), ["1,000", "20", "1"]);
    assert.deepEqual(cells("all"), ["1,500", "30", "1.5"]);
  });

  test("tells replicas that refuse from those that are told", () => {
    const seen = (label: string): readonly string[] => cells(`NOTIFY off, ${label}`);
    assert.equal(seen("refused at replica 1, which wrote")[1], "7");
    assert.equal(seen("refused at replica 2")[1], "300");
    assert.equal(seen("told by WatchRevocations at replica 1")[1], "8");
    assert.equal(seen("told by WatchRevocations at replica 2")[4], "292");
    assert.equal(seen("refused and told everywhere")[1], "302");
  });
});
