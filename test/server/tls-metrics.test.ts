import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Registry } from "prom-client";
import { registerTlsMetrics } from "../../src/server/tls-metrics.ts";
import type { TlsStatus } from "../../src/server/tls-reload.ts";

describe("registerTlsMetrics", () => {
  it("tells when files end to be valid and how often they were reloaded, as it is when read", async () => {
    const registry = new Registry();
    let status: TlsStatus | undefined;
    registerTlsMetrics(registry, () => status);
    assert.doesNotMatch(await registry.metrics(), /^fleetgate_/m);
    status = {
      fingerprint: "0".repeat(64),
      expiresAt: { tls_cert_file: 5_000_500, tls_client_ca_file: 7000 },
      reloads: { ok: 2, failed: 1 },
    };
    for (let turn = 0; turn < 2; turn += 1) {
      const lines = (await registry.metrics())
        .split("\n")
        .filter((line) => line.startsWith("fleet"));
      assert.deepEqual(lines, [
        'fleetgate_tls_certificate_expiry_timestamp_seconds{file="tls_cert_file"} 5000.5',
        'fleetgate_tls_certificate_expiry_timestamp_seconds{file="tls_client_ca_file"} 7',
        'fleetgate_tls_reloads_total{outcome="ok"} 2',
        'fleetgate_tls_reloads_total{outcome="failed"} 1',
      ]);
    }
  });
});
