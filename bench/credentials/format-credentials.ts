import { formatVisibility } from "../live/format-visibility.ts";
import { formatCount, formatNumber, formatRatio, formatShare, formatTable } from "../table.ts";
import { cpuOf, loadShare, middle, rateOf, serverShare, type MeasuredRun } from "./measure.ts";
import type { CachedFigures } from "./measure-cached.ts";
import type { InProcessRun } from "./measure-in-process.ts";
import type { SustainedFigures, SustainedRun } from "./measure-sustained.ts";
import type { UncachedFigures } from "./measure-uncached.ts";
import { batchSize } from "./messages.ts";
import type { CredentialResults } from "./run-credentials.ts";

/** The tables of the bench of credentials: medians over the rounds, and ratios of these medians. */
export function formatCredentials(results: CredentialResults): string {
  const { pinned, tokens, cached, uncached, inProcess, sustained, replicas } = results;
  const cores = pinned ? "Server and load have a core each." : "Server and load share the cores.";
  return [
    `${cores} ${formatCount(tokens)} tasks in the database.`,
    ...(wasDisturbed(cached) ? [disturbed] : []),
    formatCached(cached),
    formatPaced(cached),
    formatInProcess(inProcess),
    formatUncached(uncached),
    formatSustained(sustained),
    formatWrites(sustained),
    formatVisibility(results.revocations, {
      title: "end to refusal, ms",
      by: (index) => labelOf(index, replicas),
      byAll: "refused and told everywhere",
    }),
  ].join("\n\n");
}

const disturbed =
  "WARNING: something else used the machine: at saturation neither the server nor the load was busy all\n" +
  "the time. Rates and latencies say little; processor times and their ratios are rough.";

function wasDisturbed(cached: readonly CachedFigures[]): boolean {
  return cached.some(
    ({ saturated }) =>
      Math.max(middle(saturated, serverShare), middle(saturated, loadShare)) < 0.85,
  );
}

const subjectNames: Readonly<Record<CachedFigures["subject"], string>> = {
  empty: "empty handler",
  fleetgate: "Fleetgate",
  seldom: "Fleetgate, seldom asked",
};

function nameOf({ wire, method, subject }: CachedFigures): string {
  const what = method === "identify" ? "IdentifyCaller" : `batches of ${batchSize}`;
  return `${wire}, ${subjectNames[subject]}, ${what}`;
}

function emptyOf(cached: readonly CachedFigures[], one: CachedFigures): CachedFigures {
  const found = cached.find(
    ({ wire, method, subject }) =>
      subject === "empty" && wire === one.wire && method === one.method,
  );
  if (found === undefined) throw new Error(`no figures of the empty handler over ${one.wire}`);
  return found;
}

function formatCached(cached: readonly CachedFigures[]): string {
  const rows = cached.map((one) => {
    const cpu = middle(one.saturated, cpuOf);
    const each = one.method === "batch" ? batchSize : 1;
    return [
      nameOf(one),
      formatCount(middle(one.saturated, rateOf) * each),
      formatNumber(cpu),
      formatNumber(cpu / each),
      formatRatio(cpu, middle(emptyOf(cached, one).saturated, cpuOf)),
      formatShare(middle(one.saturated, serverShare)),
      formatShare(middle(one.saturated, loadShare)),
    ];
  });
  const head = ["cached, saturated", "tokens/s", "server CPU µs a call", "a token", "of empty"];
  return formatTable([...head, "server busy", "load busy"], rows);
}

function formatPaced(cached: readonly CachedFigures[]): string {
  const rows = cached
    .filter(({ paced }) => paced.length > 0)
    .map((one) => {
      const empty = emptyOf(cached, one).paced;
      return [
        nameOf(one),
        formatCount(one.perSecond),
        ...times(one.paced),
        formatRatio(middle(one.paced, half), middle(empty, half)),
        formatRatio(middle(one.paced, most), middle(empty, most)),
      ];
    });
  const head = ["cached, paced", "calls/s", "p50 µs", "p99 µs", "p50 of empty", "p99 of empty"];
  return formatTable(head, rows);
}

function formatInProcess(runs: readonly InProcessRun[]): string {
  return formatTable(
    ["in the process", "ns"],
    [["identifyNow, warm", formatNumber(middle(runs, ({ ns }) => ns))]],
  );
}

function formatUncached({ saturated, paced, slow, perSecond }: UncachedFigures): string {
  const row = (label: string, runs: readonly MeasuredRun[], latency: boolean) => [
    label,
    formatCount(middle(runs, rateOf)),
    ...(latency ? times(runs) : ["-", "-"]),
    formatNumber(middle(runs, cpuOf)),
    formatShare(middle(runs, serverShare)),
  ];
  return formatTable(
    ["uncached, IdentifyCaller", "calls/s", "p50 µs", "p99 µs", "server CPU µs", "server busy"],
    [
      row("64 in flight", saturated, false),
      row(`${formatCount(perSecond)} a second`, paced, true),
      row("one at a time", slow, true),
    ],
  );
}

function formatSustained({ runs, tokens }: SustainedFigures): string {
  const rows = runs.map(({ method, perSecond, run }: SustainedRun) => {
    const each = method === "batch" ? batchSize : 1;
    return [
      method === "batch" ? `batches of ${batchSize}` : "single calls",
      formatCount(perSecond),
      formatCount((run.calls * each) / run.seconds),
      formatNumber(run.seconds),
      formatNumber(run.p50),
      formatNumber(run.p99),
      formatNumber(cpuOf(run) / each),
      formatShare(serverShare(run)),
    ];
  });
  const head = [`${formatCount(tokens)} tokens`, "asked/s", "identified/s", "s", "call p50 µs"];
  return formatTable([...head, "p99 µs", "server CPU µs a token", "server busy"], rows);
}

function formatWrites({ writes, seconds, identifications, tokens }: SustainedFigures): string {
  const all = [...writes.values()].reduce((sum, count) => sum + count, 0);
  const rows = [...writes, ["all", all] as const].map(([table, count]) => [
    table,
    formatCount(count),
    formatNumber(count / seconds),
    formatNumber(count / tokens),
  ]);
  const head = `rows written, ${formatCount(identifications)} identifications in ${formatNumber(seconds)} s`;
  return formatTable([head, "rows", "a second", "a token"], rows);
}

function times(runs: readonly MeasuredRun[]): readonly string[] {
  return [formatNumber(middle(runs, half)), formatNumber(middle(runs, most))];
}

const half = (run: MeasuredRun): number => run.p50;
const most = (run: MeasuredRun): number => run.p99;

function labelOf(index: number, replicas: number): string {
  const replica = (index % replicas) + 1;
  if (index >= replicas) return `told by WatchRevocations at replica ${replica}`;
  return `refused at replica ${replica}${replica === 1 ? ", which wrote" : ""}`;
}
