import { Counter, Gauge, type Registry } from "prom-client";
import type { IssuerStatus } from "../identity/jwt-verifier.ts";

/** Adds the metrics of the issuers of JWTs. Their names come from the options, so they are few. */
export function registerJwtMetrics(
  registry: Registry,
  status: () => readonly IssuerStatus[],
): void {
  const registers: Registry[] = [];
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_jwt_keys_age_seconds",
      help: "Time since the keys of an issuer of JWTs were last loaded; absent before the first time",
      labelNames: ["issuer"] as const,
      registers,
      collect() {
        this.reset();
        for (const { issuer, keysAgeMs } of status()) {
          if (keysAgeMs !== undefined) this.set({ issuer }, keysAgeMs / 1000);
        }
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: "fleetgate_jwt_key_load_failures_total",
      help: "How often the keys of an issuer of JWTs could not be loaded",
      labelNames: ["issuer"] as const,
      registers,
      collect() {
        this.reset();
        for (const { issuer, failedLoads } of status()) this.inc({ issuer }, failedLoads);
      },
    }),
  );
}
