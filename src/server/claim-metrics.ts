import { Counter, type Registry } from "prom-client";
import { claimOutcomes, waitBounds, type ClaimCounts } from "../credentials/claim-book.ts";
import { registerHistogram } from "./counted-histogram.ts";

/** Adds the metrics of claims. */
export function registerClaimMetrics(registry: Registry, claims: () => ClaimCounts): void {
  registry.registerMetric(
    new Counter({
      name: "fleetgate_claims_total",
      help: "What became of claims, and why presenting them was refused, by this process",
      labelNames: ["outcome"] as const,
      registers: [],
      collect() {
        this.reset();
        const { outcomes } = claims();
        for (const outcome of claimOutcomes) this.inc({ outcome }, outcomes[outcome]);
      },
    }),
  );
  const head = {
    name: "fleetgate_claim_wait_seconds",
    help: "Time from the opening of a claim until a worker took it",
  };
  registerHistogram(registry, head, waitBounds, () => [{ ...claims().waits, labels: {} }]);
}
