import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Registry } from "prom-client";
import { createAgeCounter } from "../../src/credentials/age-counts.ts";
import { createClaimBook } from "../../src/credentials/claim-book.ts";
import { createDecisionCounter } from "../../src/credentials/decision-counts.ts";
import { createLagCounter } from "../../src/credentials/lag-counts.ts";
import { createRunnerCounter } from "../../src/credentials/runner-counts.ts";
import { registerCredentialMetrics } from "../../src/server/credential-metrics.ts";
import { sweptNothing } from "../../src/storage/credential/sweep.ts";
import { sessionRecord } from "../support/credential-rows.ts";

function setUp() {
  const registry = new Registry();
  const counter = createDecisionCounter();
  const ages = createAgeCounter();
  const lag = createLagCounter();
  const runners = createRunnerCounter();
  let completeAt: number | undefined;
  const book = createClaimBook({ presented: counter.countPresented });
  book.count("opened", 2);
  book.claimed(700);
  book.refused("conflict", []);
  const sweeper = { removed: { ...sweptNothing, holds: 3 }, failures: 1 };
  registerCredentialMetrics(registry, {
    decisions: counter.read,
    ages: ages.read,
    identifier: () => ({ hits: 5, misses: 2, stale: 1, completeAt, lag: lag.read() }),
    databaseNow: () => 10_000,
    sweeper: () => ({ ...sweeper, sweptAt: 2_000_000_000_000, liveHolds: 17 }),
    runners: runners.read,
    overdue: () => ({ timedOut: 8, leasesExpired: 9 }),
    claims: book.read,
    gates: () => [
      { area: "issue", closed: true, refused: 4 },
      { area: "fleet", closed: false, refused: 0 },
    ],
    signingKeys: () => [
      { purpose: "url", held: 2, signs: true },
      { purpose: "lookup", held: 1, signs: false },
    ],
  });
  return {
    counter,
    ages,
    lag,
    runners,
    complete: (at: number) => void (completeAt = at),
    lines: async () => (await registry.metrics()).split("\n"),
  };
}

const record = sessionRecord("AAAAAAAAAAAAAAAA");

describe("metrics of credentials", () => {
  it("count enrolments by what became of them, and rotations (U72, LH2)", async () => {
    const { runners, lines } = setUp();
    for (const outcome of ["new", "new", "exists"] as const) runners.enrolled(outcome);
    runners.rotated();
    await lines();
    const counted = (await lines()).filter((line) =>
      /^fleetgate_(enrollments|rotations)_total.* [1-9]/.test(line),
    );
    assert.deepEqual(counted, [
      'fleetgate_enrollments_total{outcome="new"} 2',
      'fleetgate_enrollments_total{outcome="exists"} 1',
      "fleetgate_rotations_total 1",
    ]);
  });

  it("count decisions by kind, code and reason, and reading them twice counts nothing twice (U72)", async () => {
    const { counter, lines } = setUp();
    counter.count({ kind: "good", record, use: "all" });
    counter.count({ kind: "refused", why: "revoked", record });
    counter.count({ kind: "refused", why: "unknown", record: undefined });
    await lines();
    const total = (await lines()).filter((line) =>
      /^fleetgate_auth_decisions_total.* [1-9]/.test(line),
    );
    assert.deepEqual(total, [
      'fleetgate_auth_decisions_total{kind="session",code="ok",reason=""} 1',
      'fleetgate_auth_decisions_total{kind="claim",code="ok",reason=""} 1',
      'fleetgate_auth_decisions_total{kind="claim",code="unauthenticated",reason="conflict"} 1',
      'fleetgate_auth_decisions_total{kind="session",code="unauthenticated",reason="revoked"} 1',
      'fleetgate_auth_decisions_total{kind="unknown",code="unauthenticated",reason="unknown"} 1',
    ]);
  });

  it("have no label that a presenter chooses", async () => {
    const { counter, lines } = setUp();
    for (let n = 0; n < 1_000; n += 1) {
      counter.count({ kind: "lacks", record: sessionRecord(`id-${n}`), permission: `p.q.${n}` });
    }
    const all = await lines();
    const lacking = all.filter((line) => line.includes("lacks_permission"));
    assert.deepEqual(lacking, [
      'fleetgate_auth_decisions_total{kind="session",code="permission_denied",reason="lacks_permission"} 1000',
    ]);
  });

  it("tell how old credentials are that are used, by kind", async () => {
    const { ages, lines } = setUp();
    for (const at of [59_000, 60_000, 61_000, -5]) ages.observe({ ...record, notBefore: 0 }, at);
    const told = (await lines()).filter(
      (line) => line.includes("age_seconds_") && line.includes("session"),
    );
    const name = "fleetgate_credential_age_seconds";
    for (const line of [
      `${name}_bucket{kind="session",le="60"} 3`,
      `${name}_bucket{kind="session",le="300"} 4`,
      `${name}_bucket{kind="session",le="+Inf"} 4`,
      `${name}_sum{kind="session"} 180`,
      `${name}_count{kind="session"} 4`,
    ]) {
      assert.ok(told.includes(line), `${line}\n${told.join("\n")}`);
    }
  });

  it("tell the lag of revocations as a histogram, and the age of the feed once it is known", async () => {
    const { lag, complete, lines } = setUp();
    assert.ok(
      (await lines()).every((line) => !line.startsWith("fleetgate_credential_feed_age_seconds ")),
    );
    lag.observe(300);
    lag.observe(3_000);
    complete(8_500);
    const all = await lines();
    for (const line of [
      'fleetgate_revocation_lag_seconds_bucket{le="0.25"} 0',
      'fleetgate_revocation_lag_seconds_bucket{le="2"} 1',
      'fleetgate_revocation_lag_seconds_bucket{le="+Inf"} 2',
      "fleetgate_revocation_lag_seconds_count 2",
      "fleetgate_revocation_lag_seconds_sum 3.3",
      "fleetgate_credential_feed_age_seconds 1.5",
      "fleetgate_auth_cache_hits_total 5",
      'fleetgate_swept_total{thing="holds"} 3',
      "fleetgate_sweep_failures_total 1",
      "fleetgate_holds_live 17",
      'fleetgate_claims_total{outcome="opened"} 2',
      'fleetgate_claims_total{outcome="claimed"} 1',
      'fleetgate_claims_total{outcome="conflict"} 1',
      'fleetgate_claim_wait_seconds_bucket{le="1"} 1',
      "fleetgate_claim_wait_seconds_sum 0.7",
      "fleetgate_tasks_timed_out_total 8",
      "fleetgate_hold_leases_expired_total 9",
      'fleetgate_gate_closed{area="issue"} 1',
      'fleetgate_gate_closed{area="fleet"} 0',
      'fleetgate_gate_refused_total{area="issue"} 4',
      'fleetgate_signing_keys_held{purpose="url"} 2',
      'fleetgate_signing_key_active{purpose="url"} 1',
      'fleetgate_signing_key_active{purpose="lookup"} 0',
    ]) {
      assert.ok(all.includes(line), `${line} in\n${all.join("\n")}`);
    }
  });
});
