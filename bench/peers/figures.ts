import { median } from "../statistics.ts";
import { formatNumber } from "../table.ts";
import type { ClientKind } from "./clients/client-worker.ts";
import type { ModeName } from "./plan.ts";
import type { PeersResults } from "./results.ts";
import { cpuOf, ratioOf, spreadOf, valuesOf, type PickFigure, type Spread } from "./summary.ts";

/** One figure that is to be reached, and whether it was. */
export interface Figure {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly verdict: Verdict;
}

/** Whether a figure was reached. */
export type Verdict = "ok" | "falls short" | "not measured";

/** What must be reached: at most, or at least, so much. */
interface Target {
  readonly what: string;
  readonly unit: string;
  readonly bound: "at most" | "at least";
  readonly limit: number;
  readonly value: Spread;
}

/** Compares what was measured with what is to be reached. Ratios are those of medians of one run. */
export function judgeFigures(results: PeersResults): readonly Figure[] {
  return [
    ...costTargets(results),
    ...latencyTargets(results),
    ...clientTargets(results),
    ...engineTargets(results),
    ...loadingTargets(results),
  ].map(judge);
}

/** Whether the value is on the right side of its limit. What is no number was not measured. */
export function judge({ what, unit, bound, limit, value }: Target): Figure {
  const sign = bound === "at most" ? "≤" : "≥";
  const target = `${sign} ${formatNumber(limit)}${unit}`;
  const { middle, least, most } = value;
  if (!Number.isFinite(middle)) {
    return { what, target, measured: "-", verdict: "not measured" };
  }
  const reached = bound === "at most" ? middle <= limit : middle >= limit;
  const range = least < most ? ` (${formatNumber(least)}–${formatNumber(most)})` : "";
  const measured = `${formatNumber(middle)}${unit}${range}`;
  return { what, target, measured, verdict: reached ? "ok" : "falls short" };
}

const times = " ×";

/** A ratio of two rows: the first over the second. */
function ratio(
  results: PeersResults,
  [over, under]: readonly [string, string],
  mode: ModeName,
  pick: PickFigure,
): Spread {
  return ratioOf(valuesOf(results, over, mode, pick), valuesOf(results, under, mode, pick));
}

function costTargets(results: PeersResults): readonly Target[] {
  const cpu = (over: string, under: string): Spread =>
    ratio(results, [over, under], "saturated", cpuOf);
  const most = (what: string, limit: number, value: Spread): Target => ({
    ...{ what: `server CPU, ${what}`, unit: times, bound: "at most", limit, value },
  });
  const least = (what: string, limit: number, value: Spread): Target => ({
    ...{ what: `server CPU, ${what}`, unit: times, bound: "at least", limit, value },
  });
  const packed = valuesOf(results, "ours-packed-1000", "saturated", cpuOf);
  return [
    most("gRPC check, key and delegation, of the bare gRPC handler", 1.2, cpu("ours", "bare")),
    most("the same, the aim", 1.1, cpu("ours", "bare")),
    most("the same with call log on", 1.4, cpu("ours-log", "bare")),
    least("stock connect-node with our engine, of ours", 7, cpu("stock", "ours")),
    least("grpc-js with an empty handler, of ours", 1.2, cpu("grpc-js", "ours")),
    least("Cerbos derived roles, of ours", 7, cpu("cerbos-derived", "ours")),
    least("Cerbos plain roles, of ours", 5, cpu("cerbos-plain", "ours")),
    least("Cerbos derived roles, batch 50", 35, cpu("cerbos-derived-50", "ours-batch-50")),
    least("Cerbos plain roles, batch 50", 16, cpu("cerbos-plain-50", "ours-batch-50")),
    {
      what: "packed 1,000: checks a second of processor time",
      unit: " M",
      bound: "at least",
      limit: 1.5,
      value: spreadOf(packed.map((micros) => 1_000 / micros)),
    },
  ];
}

function latencyTargets(results: PeersResults): readonly Target[] {
  const p99 = (under: string): Spread => ratio(results, ["ours", under], "one", (run) => run.p99);
  const most = (what: string, limit: number, value: Spread): Target => ({
    ...{ what: `one in flight, p99, ours of ${what}`, unit: times, bound: "at most", limit, value },
  });
  return [
    most("stock connect-node's", 0.1, p99("stock")),
    most("Cerbos's, derived roles", 1, p99("cerbos-derived")),
    most("Cerbos's, plain roles", 1, p99("cerbos-plain")),
  ];
}

function clientTargets({ clients }: PeersResults): readonly Target[] {
  const cpu = (kind: ClientKind): readonly number[] =>
    (clients[kind] ?? []).map(({ cpuSeconds, calls }) => cpuSeconds / calls);
  return [
    {
      what: "client CPU, ours of a bare node:http2 client",
      ...{ unit: times, bound: "at most", limit: 2, value: ratioOf(cpu("fleetgate"), cpu("bare")) },
    },
  ];
}

function engineTargets({ engine }: PeersResults): readonly Target[] {
  const hot = (scale: keyof typeof engine): readonly number[] =>
    (engine[scale] ?? []).map(({ hotNs }) => hotNs);
  const random = (engine["1M"] ?? []).map(({ randomNs }) => randomNs);
  const growth = (what: string, bound: Target["bound"], limit: number): Target => ({
    ...{ what: `check in the process, hot, 1 M of 1 k, ${what}`, unit: times, bound, limit },
    value: ratioOf(hot("1M"), hot("1k")),
  });
  const ns = { unit: " ns", bound: "at most" } as const;
  return [
    { what: "check in the process, 1 M, hot", ...ns, limit: 500, value: spreadOf(hot("1M")) },
    { what: "check in the process, 1 M, at random", ...ns, limit: 1_300, value: spreadOf(random) },
    growth("not dearer", "at most", 1.2),
    growth("not cheaper", "at least", 0.8),
  ];
}

function loadingTargets({ loading }: PeersResults): readonly Target[] {
  const loads = loading?.loads ?? [];
  const most = (what: string, unit: string, limit: number, values: readonly number[]): Target => ({
    ...{ what, unit, bound: "at most", limit, value: spreadOf(values) },
  });
  // A change is as dear as the dearer of its kinds.
  const dearer = (one: readonly number[] = [], other: readonly number[] = []): readonly number[] =>
    median(one) >= median(other) ? one : other;
  const member = dearer(
    loading && [loading.memberSmall.cpuUs],
    loading && [loading.memberLarge.cpuUs],
  );
  const { totalMs = [], longestMs = [] } = loading?.nesting ?? {};
  const stalls = loads.map(({ stalls: { wallMs } }) => wallMs);
  return [
    most(
      "memory after load of 1 M memberships",
      " MB",
      150,
      loads.map(({ bytes }) => bytes / 1e6),
    ),
    most(
      "full load of 1 M from Postgres",
      " s",
      3,
      loads.map(({ ms }) => ms / 1e3),
    ),
    most("its longest stall", " ms", 50, stalls),
    most("one membership change at 1 M, main thread", " µs", 100, member),
    most("nesting change at 1 M", " ms", 15, totalMs),
    most("its slices", " ms", 5, longestMs),
  ];
}
