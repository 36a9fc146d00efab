import { median } from "../statistics.ts";
import { formatCount, formatNumber, formatShare, formatTable } from "../table.ts";
import type { BeatFigures, ClaimResults, ServedRun } from "./run-claims.ts";

/** The tables of the bench of claims and runners: medians over the rounds. */
export function formatClaims(results: ClaimResults): string {
  const { pinned, loadBefore, managers, claims, enrolled, enrolledForOne, beats } = results;
  const cores = pinned ? "Server and load have a core each" : "Server and load share the cores";
  return [
    `${cores}; Postgres has what they leave.`,
    ...(loadBefore > 1 ? [disturbed(loadBefore)] : []),
    formatTable(
      ["claims", "claims/s", "p50 ms", "p99 ms", "server CPU ms", "server busy", "load busy"],
      claims.map(({ answer, inFlight, runs }) =>
        toRow(
          `answer by ${answer === "get" ? "GetClaim" : "WatchClaims"}, ${inFlight} at a time`,
          runs,
        ),
      ),
    ),
    formatTable(
      [
        "enrolments",
        "enrolments/s",
        "p50 ms",
        "p99 ms",
        "server CPU ms",
        "server busy",
        "load busy",
      ],
      [
        toRow(`${formatCount(enrolled.calls)}, for ten runners`, [enrolled]),
        toRow(`${formatCount(enrolledForOne.calls)}, for one runner`, [enrolledForOne]),
      ],
    ),
    formatTable(
      ["heartbeats", "calls/s", "p50 ms", "p99 ms", "server CPU ms", "server busy", "load busy"],
      [
        toRow(`for the first time, as fast as it goes`, beats.first),
        toRow(`${formatCount(beats.known)} managers again, as fast as it goes`, beats.again),
        toRow(`${formatCount(managers)} managers, each once a minute`, [beats.calm]),
      ],
    ),
    formatWrites(beats, managers),
  ].join("\n\n");
}

function disturbed(load: number): string {
  return (
    `WARNING: something else used the machine, with a load of ${formatNumber(load)} before the start. Rates and\n` +
    "latencies say little; processor times are rough, and rows that were written are as they are."
  );
}

function toRow(label: string, runs: readonly ServedRun[]): readonly string[] {
  const middle = (pick: (run: ServedRun) => number): number => median(runs.map(pick));
  return [
    label,
    formatCount(middle(({ calls, seconds }) => calls / seconds)),
    formatNumber(middle(({ p50 }) => p50)),
    formatNumber(middle(({ p99 }) => p99)),
    formatNumber(middle(({ serverCpuSeconds, calls }) => (serverCpuSeconds * 1000) / calls)),
    formatShare(middle(({ serverCpuSeconds, seconds }) => serverCpuSeconds / seconds)),
    formatShare(middle(({ loadCpuSeconds, seconds }) => loadCpuSeconds / seconds)),
  ];
}

function formatWrites({ writes, seconds, beats }: BeatFigures, managers: number): string {
  const all = [...writes.values()].reduce((sum, count) => sum + count, 0);
  // A server that starts writes some rows of its own.
  const notable = [...writes].filter(([, count]) => count >= all / 100);
  const rows = [...notable, ["all", all] as const].map(([table, count]) => [
    table,
    formatCount(count),
    formatNumber(count / seconds),
    formatNumber(count / managers),
    formatNumber(count / beats),
  ]);
  const head = `rows written, ${formatCount(beats)} heartbeats in ${formatNumber(seconds)} s`;
  return formatTable([head, "rows", "a second", "a manager", "a heartbeat"], rows);
}
