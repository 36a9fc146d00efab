import { Counter, type Registry } from "prom-client";
import { enrolmentOutcomes, type RunnerCounts } from "../credentials/runner-counts.ts";

const registers: Registry[] = [];

/** Adds the metrics of runners. */
export function registerRunnerMetrics(registry: Registry, runners: () => RunnerCounts): void {
  registry.registerMetric(
    new Counter({
      name: "fleetgate_enrollments_total",
      help: "Enrolments of machines that this process decided, by what became of them",
      labelNames: ["outcome"] as const,
      registers,
      collect() {
        this.reset();
        const { enrolments } = runners();
        for (const outcome of enrolmentOutcomes) this.inc({ outcome }, enrolments[outcome]);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: "fleetgate_rotations_total",
      help: "Runner tokens that this process replaced by new ones",
      registers,
      collect() {
        this.reset();
        this.inc(runners().rotations);
      },
    }),
  );
}
