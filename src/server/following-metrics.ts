import { Gauge, type Registry } from "prom-client";

/** How well a replica follows the database. */
export interface FollowingStatus {
  /** Whether the database does not continue the history of the snapshot, and is not followed. */
  readonly isForeign: () => boolean;
  /** When storage confirmed what the snapshot file holds, in milliseconds since 1970; undefined: no file is written. */
  readonly fileConfirmedAt: () => number | undefined;
}

/** Adds the metrics of a replica's history and file. */
export function registerFollowingMetrics(registry: Registry, status: FollowingStatus): void {
  const registers: Registry[] = [];
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_history_foreign",
      help: "1 while the database does not continue the history of the snapshot and is not followed",
      registers,
      collect() {
        this.set(status.isForeign() ? 1 : 0);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_snapshot_file_confirmed_timestamp_seconds",
      help: "When storage confirmed what the snapshot file holds, in seconds since 1970; absent until one is written",
      registers,
      collect() {
        const at = status.fileConfirmedAt();
        if (at === undefined) this.remove();
        else this.set(at / 1000);
      },
    }),
  );
}
