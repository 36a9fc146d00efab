import { median } from "../statistics.ts";
import { formatCount, formatNumber, formatRatio, formatTable } from "../table.ts";
import type { ActionFigures } from "./actions.ts";
import { formatVisibility, spread } from "./format-visibility.ts";
import type { LiveResults, SizeFigures } from "./run-live.ts";
import type { Stalls } from "./stall-probe.ts";

/** The longest stall that one membership change or a read may cause, in milliseconds. */
const allowedStallMs = 10;

/** The tables of live administration. */
export function formatLive({ groups, sizes, actions, visibility }: LiveResults): string {
  const largest = formatCount(sizes.at(-1)?.memberships ?? 0);
  return [
    `${formatCount(groups)} groups; visibility and stalls at ${largest} memberships.`,
    formatVisibility(visibility, {
      title: "commit to visible, ms",
      by: (index) =>
        index === 0 ? "visible at replica 1, which wrote" : `visible at replica ${index + 1}`,
      byAll: "visible at all",
    }),
    formatChanges(sizes),
    formatLoads(sizes),
    formatActions(actions),
  ].join("\n\n");
}

const kinds = [
  ["advance, small groups", ({ advanceSmall }: SizeFigures) => advanceSmall],
  ["advance, the largest group", ({ advanceLarge }: SizeFigures) => advanceLarge],
  ["read from Postgres and advance", ({ follow }: SizeFigures) => follow],
] as const;

function formatChanges(sizes: readonly SizeFigures[]): string {
  const rows = kinds.flatMap(([label, pick]) =>
    sizes.map((size) => {
      const { wallUs, cpuUs } = pick(size);
      const base = median(sizes[0] === undefined ? [] : pick(sizes[0]).wallUs);
      return [
        `${label}, ${formatCount(size.memberships)}`,
        ...spread(wallUs),
        formatNumber(cpuUs),
        formatRatio(median(wallUs), base),
      ];
    }),
  );
  const smallest = formatCount(sizes[0]?.memberships ?? 0);
  return formatTable(["one change, µs", "p50", "p99", "max", "CPU", `p50 of ${smallest}`], rows);
}

function formatLoads(sizes: readonly SizeFigures[]): string {
  const smallest = sizes[0]?.memberships ?? NaN;
  const smallestBytes = median((sizes[0]?.loads ?? []).map(({ bytes }) => bytes));
  const rows = sizes.map(({ memberships, loads, parts }) => {
    const middle = (pick: (load: (typeof loads)[number]) => number): number =>
      median(loads.map(pick));
    const bytes = middle((load) => load.bytes);
    return [
      formatCount(memberships),
      formatNumber(middle(({ ms }) => ms / 1e3)),
      formatNumber(middle(({ cpuMs }) => cpuMs / 1e3)),
      formatNumber(middle(({ stalls }) => stalls.wallMs)),
      formatNumber(middle(({ stalls }) => stalls.cpuMs)),
      formatNumber(middle(({ stalls }) => stalls.gcMs)),
      formatNumber(bytes / 1e6),
      formatNumber(parts.groups / 1e6),
      formatNumber(parts.compiled / 1e6),
      formatNumber(parts.configured / 1e6),
      // What groups and policies need without members is about what the smallest size needs.
      formatNumber((bytes - smallestBytes) / (memberships - smallest)),
      formatNumber(middle(({ rssAfter, rssBefore }) => (rssAfter - rssBefore) / 1e6)),
    ];
  });
  const head = ["full load", "s", "CPU s", "stall ms", "of CPU", "of collector", "MB in use"];
  const memory = ["groups", "realms, bots", "configured", "bytes a membership", "MB resident"];
  return formatTable([...head, ...memory], rows);
}

function formatActions(actions: readonly ActionFigures[]): string {
  const rows = actions.flatMap(({ name, asked, other }) => [
    [`${name}: at the replica asked`, ...stallCells(asked)],
    [`${name}: at another`, ...stallCells(other)],
  ]);
  const head = ["longest stall, ms", "median", "max", "CPU median", "max", "collector max"];
  return formatTable([...head, `over ${allowedStallMs} ms`], rows);
}

function stallCells(stalls: readonly Stalls[]): readonly string[] {
  const walls = stalls.map(({ wallMs }) => wallMs);
  const cpus = stalls.map(({ cpuMs }) => cpuMs);
  return [
    formatNumber(median(walls)),
    formatNumber(Math.max(...walls)),
    formatNumber(median(cpus)),
    formatNumber(Math.max(...cpus)),
    formatNumber(Math.max(...stalls.map(({ gcMs }) => gcMs))),
    judge(walls, cpus),
  ];
}

function judge(walls: readonly number[], cpus: readonly number[]): string {
  if (median(cpus) > allowedStallMs) return "yes";
  if (Math.max(...cpus) > allowedStallMs) return "at times";
  return Math.max(...walls) > allowedStallMs ? "by the clock" : "no";
}
