import { Counter, Gauge, type Registry } from "prom-client";
import type { TlsStatus } from "./tls-reload.ts";

/** Adds the metrics of TLS, which are absent while `status` gives undefined. */
export function registerTlsMetrics(registry: Registry, status: () => TlsStatus | undefined): void {
  const registers: Registry[] = [];
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_tls_certificate_expiry_timestamp_seconds",
      help: "When the first certificate of a TLS file ends to be valid, in seconds since 1970",
      labelNames: ["file"] as const,
      registers,
      collect() {
        this.reset();
        for (const [file, at] of Object.entries(status()?.expiresAt ?? {})) {
          this.set({ file }, at / 1000);
        }
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: "fleetgate_tls_reloads_total",
      help: "How often changed TLS files came into force, or could not be used",
      labelNames: ["outcome"] as const,
      registers,
      collect() {
        this.reset();
        for (const [outcome, count] of Object.entries(status()?.reloads ?? {})) {
          this.inc({ outcome }, count);
        }
      },
    }),
  );
}
