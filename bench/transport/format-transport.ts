import { median } from "../statistics.ts";
import { formatCount, formatNumber, formatRatio, formatShare, formatTable } from "../table.ts";
import {
  rateOf,
  type MeasuredRun,
  type TransportFigures,
  type TransportResults,
} from "./run-transport.ts";

const names = {
  empty: "empty handler",
  permitted: "Fleetgate, permitted",
  denied: "Fleetgate, denied",
} as const;

/** The tables of the transport bench: medians over the rounds, and ratios of these medians. */
export function formatTransport({ pinned, figures }: TransportResults): string {
  return [
    pinned ? "Servers and load have a core each." : "Servers and load share the cores.",
    ...(wasDisturbed(figures) ? [disturbed] : []),
    formatSaturated(figures),
    formatLatency("paced", figures),
    formatLatency("one in flight", figures),
  ].join("\n\n");
}

const disturbed =
  "WARNING: something else used the machine: at saturation neither the server nor the load was busy all\n" +
  "the time, or the load could not send paced calls when they were due. Rates and latencies say little;\n" +
  "processor times and their ratios are rough.";

function wasDisturbed(figures: readonly TransportFigures[]): boolean {
  return figures.some(({ saturated, paced }) => {
    const server = middle(saturated, (run) => run.serverCpuSeconds / run.seconds);
    const load = middle(saturated, (run) => run.loadCpuSeconds / run.seconds);
    return Math.max(server, load) < 0.85 || middle(paced, (run) => run.delay99) > 5_000;
  });
}

function formatSaturated(figures: readonly TransportFigures[]): string {
  return formatTable(
    ["saturated", "checks/s", "of empty", "server CPU µs", "of empty", "server busy", "load busy"],
    figures.map((figure) => {
      const empty = emptyOf(figures, figure);
      const rate = middle(figure.saturated, rateOf);
      const cpu = middle(figure.saturated, cpuOf);
      return [
        `${figure.protocol}, ${names[figure.subject]}`,
        formatCount(rate),
        formatRatio(rate, middle(empty.saturated, rateOf)),
        formatNumber(cpu),
        formatRatio(cpu, middle(empty.saturated, cpuOf)),
        formatShare(middle(figure.saturated, (run) => run.serverCpuSeconds / run.seconds)),
        formatShare(middle(figure.saturated, (run) => run.loadCpuSeconds / run.seconds)),
      ];
    }),
  );
}

function formatLatency(
  pattern: "paced" | "one in flight",
  figures: readonly TransportFigures[],
): string {
  const runsOf = (figure: TransportFigures): readonly MeasuredRun[] =>
    pattern === "paced" ? figure.paced : figure.single;
  return formatTable(
    [pattern, "checks/s", "p50 µs", "of empty", "p99 µs", "of empty"],
    figures.map((figure) => {
      const empty = emptyOf(figures, figure);
      const [p50, p99] = [middle(runsOf(figure), half), middle(runsOf(figure), most)];
      return [
        `${figure.protocol}, ${names[figure.subject]}`,
        formatCount(middle(runsOf(figure), rateOf)),
        formatNumber(p50),
        formatRatio(p50, middle(runsOf(empty), half)),
        formatNumber(p99),
        formatRatio(p99, middle(runsOf(empty), most)),
      ];
    }),
  );
}

function emptyOf(
  figures: readonly TransportFigures[],
  { protocol }: TransportFigures,
): TransportFigures {
  const found = figures.find((one) => one.protocol === protocol && one.subject === "empty");
  if (found === undefined) throw new Error(`no figures of the empty handler over ${protocol}`);
  return found;
}

function middle(runs: readonly MeasuredRun[], pick: (run: MeasuredRun) => number): number {
  return median(runs.map(pick));
}

const half = (run: MeasuredRun): number => run.p50;
const most = (run: MeasuredRun): number => run.p99;

/** Microseconds of the server's processor time a call. */
function cpuOf({ serverCpuSeconds, calls }: MeasuredRun): number {
  return (serverCpuSeconds * 1e6) / calls;
}
