import type { DescService } from "@bufbuild/protobuf";
import { Counter, Histogram, type Registry } from "prom-client";
import { ReasonSchema } from "../gen/fleetgate/error/v1/reason_pb.ts";
import type { CallRecord } from "../rpc/call.ts";

/**
 * Adds the metrics of calls, and returns what counts a call that has ended. Calls of the methods of `services` have a
 * label of their own, all others share `other`.
 *
 * Every call is counted, and finding a series by its labels costs prom-client more than the answer to a check: so
 * counts are kept here, and handed over whenever the metrics are read.
 */
export function registerCallMetrics(
  registry: Registry,
  services: readonly DescService[],
): (record: CallRecord) => void {
  // In the order of their first call: so prom-client lists series.
  const rows: Row[] = [];
  const timed: MethodCalls[] = [];
  const methods = new Map<string, MethodCalls>();
  for (const { typeName, methods: described } of services) {
    for (const { name } of described) {
      const method = `${typeName}/${name}`;
      methods.set(method, createMethodCalls(method));
    }
  }
  const others = createMethodCalls("other");
  registerTotal(registry, rows);
  registerDuration(registry, timed);

  function rowOf(calls: MethodCalls, record: CallRecord): Row {
    const code = codes.has(record.code) ? record.code : "other";
    const reason = record.reason === "" || reasons.has(record.reason) ? record.reason : "other";
    let byReason = calls.rows.get(code);
    if (byReason === undefined) {
      byReason = new Map();
      calls.rows.set(code, byReason);
    }
    let row = byReason.get(reason);
    if (row === undefined) {
      row = { labels: { method: calls.method, code, reason }, count: 0 };
      byReason.set(reason, row);
      rows.push(row);
    }
    return row;
  }

  return (record) => {
    const calls = methods.get(record.method) ?? others;
    if (record.code === "ok" && record.reason === "") {
      calls.ok ??= rowOf(calls, record);
      calls.ok.count += 1;
    } else {
      rowOf(calls, record).count += 1;
    }
    if (calls.count === 0) timed.push(calls);
    const seconds = record.ms / 1000;
    calls.count += 1;
    calls.sum += seconds;
    const bucket = bucketOf(seconds);
    calls.buckets[bucket] = (calls.buckets[bucket] ?? 0) + 1;
  };
}

// Labels come from closed lists only: a peer must not be able to make a new series.
const reasons: ReadonlySet<string> = new Set(
  ReasonSchema.values.map((value) => value.name.replace(/^REASON_/, "")),
);
const codes: ReadonlySet<string> = new Set([
  "ok",
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
]);

/** One series of the number of calls. */
interface Row {
  readonly labels: Readonly<Record<"method" | "code" | "reason", string>>;
  count: number;
}

/** What is counted of one method. */
interface MethodCalls {
  readonly method: string;
  /** By code, then by reason. */
  readonly rows: Map<string, Map<string, Row>>;
  /** The row of the calls that went well; undefined: there was none. */
  ok: Row | undefined;
  count: number;
  /** Seconds of all calls together. */
  sum: number;
  /** How many calls took at most the bound of the same place, and more than the one before; the last: longer than all. */
  readonly buckets: Float64Array;
}

// In seconds.
const bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

function createMethodCalls(method: string): MethodCalls {
  const buckets = new Float64Array(bounds.length + 1);
  return { method, rows: new Map(), ok: undefined, count: 0, sum: 0, buckets };
}

function bucketOf(seconds: number): number {
  for (let index = 0; index < bounds.length; index += 1) {
    if (seconds <= (bounds[index] ?? Infinity)) return index;
  }
  return bounds.length;
}

function registerTotal(registry: Registry, rows: readonly Row[]): void {
  const total = new Counter({
    name: "fleetgate_rpc_total",
    help: "Calls that have ended",
    labelNames: ["method", "code", "reason"] as const,
    registers: [],
    collect() {
      this.reset();
      for (const { labels, count } of rows) this.inc(labels, count);
    },
  });
  registry.registerMetric(total);
}

function registerDuration(registry: Registry, timed: readonly MethodCalls[]): void {
  const head = {
    name: "fleetgate_rpc_duration_seconds",
    help: "Time from the headers of a call to its answer",
  };
  const labelNames = ["method"] as const;
  const histogram = new Histogram({ ...head, labelNames, buckets: bounds, registers: [] });
  // Histograms take one observation at a time and nothing else; but a registry asks them for values by this function.
  const getForPromString = () =>
    Promise.resolve({
      ...head,
      type: "histogram",
      values: timed.flatMap((calls) => valuesOf(head.name, calls)),
    });
  registry.registerMetric(Object.assign(histogram, { getForPromString }));
}

function valuesOf(name: string, { method, count, sum, buckets }: MethodCalls): object[] {
  const sharedLabels = { method };
  let below = 0;
  const counts: (readonly [le: number | string, calls: number])[] = bounds.map((bound, index) => {
    below += buckets[index] ?? 0;
    return [bound, below];
  });
  return [
    ...[...counts, ["+Inf", count] as const].map(([le, value]) => ({
      metricName: `${name}_bucket`,
      labels: { le },
      sharedLabels,
      value,
    })),
    { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
    { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
  ];
}
