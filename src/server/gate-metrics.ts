import { Counter, Gauge, type Registry } from "prom-client";
import type { GateStatus } from "../credentials/gate-keeper.ts";

const registers: Registry[] = [];
const labelNames = ["area"] as const;

/** Adds the metrics of what operators keep closed. */
export function registerGateMetrics(registry: Registry, gates: () => readonly GateStatus[]): void {
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_gate_closed",
      help: "1 while this process keeps the methods of an area closed for an operator, else 0",
      ...{ labelNames, registers },
      collect() {
        for (const { area, closed } of gates()) this.set({ area }, closed ? 1 : 0);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: "fleetgate_gate_refused_total",
      help: "Calls that this process refused because of that",
      ...{ labelNames, registers },
      collect() {
        this.reset();
        for (const { area, refused } of gates()) this.inc({ area }, refused);
      },
    }),
  );
}
