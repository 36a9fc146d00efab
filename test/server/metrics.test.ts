import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createLagCounter } from "../../src/credentials/lag-counts.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { createMetrics, type MetricsSources } from "../../src/server/metrics.ts";
import { createRunnerCounter } from "../../src/credentials/runner-counts.ts";
import { createClaimBook } from "../../src/credentials/claim-book.ts";
import { sweptNothing } from "../../src/storage/credential/sweep.ts";
import { callRecord, deniedRecord } from "./support/call-record.ts";

const noLag = createLagCounter().read();

function setUp(sources: Partial<MetricsSources> = {}) {
  return createMetrics({
    services: [AclService],
    revision: () => 7n,
    ageMs: () => 1500,
    connections: () => ({ http1: 2, http2: 3 }),
    refusedConnections: () => 4,
    issuers: () => [],
    tls: () => undefined,
    following: { isForeign: () => false, fileConfirmedAt: () => 2_000_000_000_000 },
    credentials: {
      decisions: () => [],
      ages: () => [],
      identifier: () => ({ hits: 0, misses: 0, stale: 0, completeAt: 0, lag: noLag }),
      databaseNow: () => 0,
      sweeper: () => ({ removed: sweptNothing, failures: 0, sweptAt: 0, liveHolds: 0 }),
      gates: () => [],
      runners: createRunnerCounter().read,
      claims: createClaimBook({ presented: () => undefined }).read,
      overdue: () => ({ timedOut: 0, leasesExpired: 0 }),
      signingKeys: () => [{ purpose: "url", held: 0, signs: false }],
    },
    ...sources,
  });
}

describe("createMetrics", () => {
  it("counts calls by method, code and reason, and times them by method", async () => {
    const metrics = setUp();
    metrics.observeCall(callRecord({ ms: 3 }));
    metrics.observeCall(callRecord({ ms: 3 }));
    metrics.observeCall(deniedRecord());
    const text = await metrics.render();
    const method = "fleetgate.acl.v1.AclService/CheckPoolPerm";
    assert.ok(text.includes(`fleetgate_rpc_total{method="${method}",code="ok",reason=""} 2`), text);
    assert.ok(
      text.includes(
        `fleetgate_rpc_total{method="${method}",code="permission_denied",reason="PERMISSION_DENIED"} 1`,
      ),
    );
    assert.ok(text.includes(`fleetgate_rpc_duration_seconds_count{method="${method}"} 3`));
    assert.ok(
      text.includes(`fleetgate_rpc_duration_seconds_bucket{le="0.005",method="${method}"}`),
    );
  });

  it("makes no new series for what a peer can choose", async () => {
    const metrics = setUp();
    for (let count = 0; count < 1000; count += 1) {
      metrics.observeCall(
        callRecord({
          method: `x${count}/y`,
          code: `c${count}`,
          reason: `r${count}`,
          caller: `user:u${count}@example.com`,
          requestId: `${count}`,
        }),
      );
    }
    const text = await metrics.render();
    const series = text.split("\n").filter((line) => line.startsWith("fleetgate_rpc_total{"));
    assert.deepEqual(series, [
      'fleetgate_rpc_total{method="other",code="other",reason="other"} 1000',
    ]);
  });

  it("tells of the snapshot and the connections as they are when read", async () => {
    let revision: bigint | undefined = 7n;
    let ageMs: number | undefined = 1500;
    const metrics = setUp({
      revision: () => revision,
      ageMs: () => ageMs,
    });
    const text = await metrics.render();
    for (const line of [
      "fleetgate_snapshot_revision 7",
      "fleetgate_snapshot_age_seconds 1.5",
      'fleetgate_open_connections{protocol="http1"} 2',
      'fleetgate_open_connections{protocol="http2"} 3',
      "fleetgate_refused_connections_total 4",
    ]) {
      assert.ok(text.split("\n").includes(line), line);
    }
    assert.equal(
      await metrics.render().then((again) => again.includes("_refused_connections_total 4")),
      true,
    );
    revision = undefined;
    ageMs = 90_000_000;
    const stale = await metrics.render();
    assert.doesNotMatch(stale, /^fleetgate_snapshot_revision /m);
    assert.match(stale, /^fleetgate_snapshot_age_seconds 90000$/m, "the worst outage shows");
    ageMs = undefined;
    assert.doesNotMatch(await metrics.render(), /^fleetgate_snapshot_age_seconds /m);
    revision = 8n;
    assert.match(await metrics.render(), /^fleetgate_snapshot_revision 8$/m);
  });

  it("keeps a registry of its own", async () => {
    const [one, other] = [setUp(), setUp()];
    one.observeCall(callRecord());
    assert.doesNotMatch(await other.render(), /fleetgate_rpc_total\{/);
    assert.match(await one.render(), /^process_cpu_seconds_total /m);
  });

  it("has every metric of ours in docs/operations.md, and no other", async () => {
    const text = await setUp().render();
    const named = [...text.matchAll(/^# TYPE (fleetgate_\w+) /gm)].map(([, name]) => name ?? "");
    const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const documented = [...page.matchAll(/^\| `(fleetgate_\w+)`/gm)].map(([, name]) => name ?? "");
    assert.deepEqual(documented.sort(), named.sort());
  });
});
