import { formatCount, formatNumber, formatShare, formatTable } from "../table.ts";
import { clientKinds, type ClientKind } from "./clients/client-worker.ts";
import { judgeFigures } from "./figures.ts";
import { inProcessNames } from "./in-process/libraries.ts";
import { formatFairness } from "./fairness.ts";
import { scales, type ModeName } from "./plan.ts";
import type { PeersResults, RowFigures } from "./results.ts";
import {
  cpuOf,
  loadBusyOf,
  pooledCpu,
  rateOf,
  ratioOf,
  serverBusyOf,
  spreadOf,
  type PickFigure,
  type Spread,
} from "./summary.ts";

/** All tables of the comparison. */
export function formatPeers(results: PeersResults): string {
  return [
    formatHeader(results),
    formatFigures(results),
    formatCosts(results),
    formatLatencies("one", "one in flight", results),
    formatLatencies("paced", `paced, ${formatCount(results.perSecond)}/s`, results),
    formatClients(results),
    formatEngine(results),
    formatLibraries(results),
    formatLoading(results),
    formatFairness(results),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function formatHeader({
  quick,
  pinned,
  rounds,
  plan,
  seconds,
  leftOut,
  rows,
}: PeersResults): string {
  const busy = rows.flatMap(({ runs }) => {
    const server = spreadOf(runs.saturated.map(serverBusyOf)).middle;
    const load = spreadOf(runs.saturated.map(loadBusyOf)).middle;
    return Number.isFinite(server) ? [Math.max(server, load)] : [];
  });
  return [
    `${rounds} of ${plan.rounds} rounds in ${formatCount(seconds)} s; medians, in parentheses the least and the ` +
      `largest round. ${pinned ? "Servers and load have a core each." : "Servers and load share the cores."}`,
    ...(quick ? ["A quick run on small fleets: the figures say little."] : []),
    ...(busy.some((share) => share < 0.85)
      ? [
          "WARNING: something else used the machine: at saturation neither server nor load was busy all the time. " +
            "Rates and latencies say little.",
        ]
      : []),
    ...(leftOut.length > 0 ? [`Left out: ${leftOut.join("; ")}.`] : []),
  ].join("\n");
}

function formatFigures(results: PeersResults): string {
  return formatTable(
    ["figures to reach", "target", "measured", ""],
    judgeFigures(results).map(({ what, target, measured, verdict }) => {
      return [what, target, measured, verdict];
    }),
  );
}

function formatCosts({ rows }: PeersResults): string {
  if (rows.length === 0) return "";
  const valuesOf = (of: RowFigures | undefined, mode: ModeName, pick: PickFigure) =>
    (of?.runs[mode] ?? []).map(pick);
  const bare = rows.find(({ row }) => row.id === "bare");
  const ours = rows.find(({ row }) => row.id === "ours");
  const cells = rows.map((figures) => {
    const { row } = figures;
    const cpu = valuesOf(figures, "saturated", cpuOf);
    const checks = Math.max(1, row.checks);
    const ofOurs = ratioOf(
      cpu.map((micros) => micros / checks),
      valuesOf(ours, "saturated", cpuOf),
    );
    const rate = spreadOf(valuesOf(figures, "saturated", rateOf)).middle;
    return [
      labelOf(figures),
      formatSpread(spreadOf(cpu)),
      formatNumber(spreadOf(cpu).middle / checks),
      times(ratioOf(cpu, valuesOf(bare, "saturated", cpuOf))),
      times(ofOurs),
      formatCount(rate * checks),
      formatShare(spreadOf(valuesOf(figures, "saturated", serverBusyOf)).middle),
      formatShare(spreadOf(valuesOf(figures, "saturated", loadBusyOf)).middle),
      formatNumber(spreadOf(valuesOf(figures, "h2load", cpuOf)).middle),
    ];
  });
  const head = ["saturated", "server CPU µs a request", "a check", "of bare", "a check of ours"];
  return formatTable([...head, "checks/s", "server busy", "load busy", "CPU µs by h2load"], cells);
}

function formatLatencies(mode: ModeName, title: string, { rows }: PeersResults): string {
  const asked = rows.filter(({ runs }) => runs[mode].length > 0);
  if (asked.length === 0) return "";
  const head = [title, "requests/s", "p50 µs", "p99 µs", "p99.9 µs", "server CPU µs"];
  const more = mode === "paced" ? ["sent late, p99 µs"] : [];
  return formatTable(
    [...head, ...more],
    asked.map((figures) => {
      const spread = (pick: PickFigure): Spread => spreadOf(figures.runs[mode].map(pick));
      return [
        labelOf(figures),
        formatCount(spread(rateOf).middle),
        formatSpread(spread((run) => run.p50)),
        formatSpread(spread((run) => run.p99)),
        formatNumber(spread((run) => run.p999).middle),
        formatNumber(pooledCpu(figures.runs[mode])),
        ...(mode === "paced" ? [formatNumber(spread((run) => run.delay99).middle)] : []),
      ];
    }),
  );
}

const clientLabels: Readonly<Record<ClientKind, string>> = {
  bare: "node:http2, Connect binary, bytes made before",
  "bare-grpc": "node:http2, gRPC, bytes made before",
  fleetgate: "fleetgate/client/node",
  "fleetgate-stock": "fleetgate/client/node, `transport: stock`",
  "stock-connect": "stock connect-node, Connect binary",
  "stock-grpc": "stock connect-node, gRPC",
};

function formatClients({ clients }: PeersResults): string {
  const cpu = (kind: ClientKind): readonly number[] =>
    (clients[kind] ?? []).map(({ cpuSeconds, calls }) => (cpuSeconds * 1e6) / calls);
  const kinds = clientKinds.filter((kind) => cpu(kind).length > 0);
  if (kinds.length === 0) return "";
  return formatTable(
    ["client, 16 in flight", "client CPU µs a call", "of bare"],
    kinds.map((kind) => [
      clientLabels[kind],
      formatSpread(spreadOf(cpu(kind))),
      times(ratioOf(cpu(kind), cpu("bare"))),
    ]),
  );
}

function formatEngine({ engine, plan }: PeersResults): string {
  const rows = scales.flatMap((scale) => {
    const rounds = engine[scale] ?? [];
    if (rounds.length === 0) return [];
    return [
      [
        formatCount(plan.worlds[scale].memberships),
        formatSpread(spreadOf(rounds.map(({ hotNs }) => hotNs))),
        formatSpread(spreadOf(rounds.map(({ randomNs }) => randomNs))),
        formatNumber(rounds[0]?.coldNs ?? NaN),
      ],
    ];
  });
  if (rows.length === 0) return "";
  const head = ["CheckPoolPerm in the process, memberships", "hot ns", "at random ns"];
  return formatTable([...head, "the first of a caller ns"], rows);
}

function formatLibraries({ libraries }: PeersResults): string {
  if (libraries.length === 0) return "";
  return formatTable(
    ["in the process, ns a check", ...inProcessNames],
    libraries.map(({ notes, rounds }) => [
      `${formatCount(notes.realms)} realms, ${formatCount(notes.grants)} grants`,
      ...inProcessNames.map((name) => formatSpread(spreadOf(rounds.map((round) => round[name])))),
    ]),
  );
}

function formatLoading({ loading }: PeersResults): string {
  if (loading === undefined) return "";
  const { loads, memberSmall, memberLarge, nesting } = loading;
  const line = (what: string, values: readonly number[]): readonly string[] => [
    what,
    formatSpread(spreadOf(values)),
  ];
  return formatTable(
    ["the largest fleet", "median"],
    [
      line(
        "full load, s",
        loads.map(({ ms }) => ms / 1e3),
      ),
      line(
        "its processor time, s",
        loads.map(({ cpuMs }) => cpuMs / 1e3),
      ),
      line(
        "longest stall, own time, ms",
        loads.map(({ stalls }) => stalls.cpuMs),
      ),
      line(
        "longest stall, by the clock, ms",
        loads.map(({ stalls }) => stalls.wallMs),
      ),
      line(
        "MB in use after a collection",
        loads.map(({ bytes }) => bytes / 1e6),
      ),
      line(
        "MB resident",
        loads.map(({ rssAfter, rssBefore }) => (rssAfter - rssBefore) / 1e6),
      ),
      line("one member more, small groups, CPU µs", [memberSmall.cpuUs]),
      line("one member more, the largest group, CPU µs", [memberLarge.cpuUs]),
      line("a group with many below it nested, ms", nesting.totalMs),
      line("the longest slice of it, ms", nesting.longestMs),
      line("the first look-up of a caller after it, µs", nesting.afterUs),
    ],
  );
}

function labelOf({ row: { label, scale } }: RowFigures): string {
  return scale === "100k" ? label : `${label}, ${scale} memberships`;
}

function formatSpread({ middle, least, most }: Spread): string {
  if (!Number.isFinite(middle)) return "-";
  const range = least < most ? ` (${formatNumber(least)}–${formatNumber(most)})` : "";
  return `${formatNumber(middle)}${range}`;
}

function times({ middle }: Spread): string {
  return Number.isFinite(middle) ? `${formatNumber(middle)} ×` : "-";
}
