import type { DescService } from "@bufbuild/protobuf";
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { CallRecord } from "../rpc/call.ts";
import type { IssuerStatus } from "../identity/jwt-verifier.ts";
import { registerCallMetrics } from "./call-metrics.ts";
import { registerCredentialMetrics, type CredentialSources } from "./credential-metrics.ts";
import { registerFollowingMetrics, type FollowingStatus } from "./following-metrics.ts";
import { registerJwtMetrics } from "./jwt-metrics.ts";
import { registerTlsMetrics } from "./tls-metrics.ts";
import type { TlsStatus } from "./tls-reload.ts";

/** Counts what the process does, and says it in the text format of Prometheus. */
export interface Metrics {
  /** Counts a call that has ended. */
  observeCall(record: CallRecord): void;
  /** All metrics as text. */
  render(): Promise<string>;
  /** The media type of that text. */
  readonly contentType: string;
}

/** What the metrics ask about the process whenever they are read. */
export interface MetricsSources {
  /** The services whose methods have a label of their own; calls of all others share `other`. */
  readonly services: readonly DescService[];
  /** The revision of the snapshot in use; undefined: there is none. */
  readonly revision: () => bigint | undefined;
  /** Milliseconds since storage last confirmed the snapshot, usable or not; undefined: none was loaded. */
  readonly ageMs: () => number | undefined;
  /** The open connections by protocol. */
  readonly connections: () => { readonly http1: number; readonly http2: number };
  /** How many connections were refused since the start. */
  readonly refusedConnections: () => number;
  /** The issuers of JWTs. */
  readonly issuers: () => readonly IssuerStatus[];
  /** The TLS of the service address; undefined: cleartext. */
  readonly tls: () => TlsStatus | undefined;
  /** How well the replica follows the database. */
  readonly following: FollowingStatus;
  /** Credentials of bots, tasks and runners; absent: there are none here. */
  readonly credentials?: CredentialSources | undefined;
}

/** Makes the metrics of one process, in a registry of their own. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerGauges(registry, sources);
  registerJwtMetrics(registry, sources.issuers);
  registerTlsMetrics(registry, sources.tls);
  registerFollowingMetrics(registry, sources.following);
  if (sources.credentials !== undefined) registerCredentialMetrics(registry, sources.credentials);
  return {
    observeCall: registerCallMetrics(registry, sources.services),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function registerGauges(registry: Registry, sources: MetricsSources): void {
  const registers: Registry[] = [];
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_snapshot_revision",
      help: "The revision that checks are answered from; absent while there is none",
      registers,
      collect() {
        const revision = sources.revision();
        if (revision === undefined) this.remove();
        else this.set(Number(revision));
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_snapshot_age_seconds",
      help: "Time since storage last confirmed the snapshot, usable or not; absent before the first",
      registers,
      collect() {
        const ageMs = sources.ageMs();
        if (ageMs === undefined) this.remove();
        else this.set(ageMs / 1000);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_open_connections",
      help: "Open connections of the service address",
      labelNames: ["protocol"] as const,
      registers,
      collect() {
        const { http1, http2 } = sources.connections();
        this.set({ protocol: "http1" }, http1);
        this.set({ protocol: "http2" }, http2);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: "fleetgate_refused_connections_total",
      help: "Connections that were closed on arrival because too many were open",
      registers,
      collect() {
        this.reset();
        this.inc(sources.refusedConnections());
      },
    }),
  );
}
