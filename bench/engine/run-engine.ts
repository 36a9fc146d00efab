import { startChild } from "../children.ts";
import type { BenchOptions } from "../options.ts";
import { median, quantile } from "../statistics.ts";
import { formatCount, formatNumber, formatTable } from "../table.ts";
import { kinds } from "./kinds.ts";
import type { EngineFigures, EngineTask } from "./measure.ts";

// All fleets together.
const limitMs = 180_000;

/** Measures the engine on fleets of several sizes, one process each. */
export async function runEngine(
  options: BenchOptions,
  say: (text: string) => void,
): Promise<readonly EngineFigures[]> {
  const results: EngineFigures[] = [];
  const endAt = performance.now() + limitMs;
  for (const size of options.sizes) {
    say(`engine: ${size}`);
    const worker = startChild(new URL("./worker.ts", import.meta.url), [], {
      nodeFlags: ["--expose-gc", "--max-old-space-size=4096"],
    });
    try {
      const rounds = options.quick ? 2 : size === "huge" ? 5 : 9;
      const task: EngineTask = {
        size,
        seed: options.seed,
        rounds,
        batchMs: options.quick ? 5 : 30,
      };
      results.push(await worker.ask<EngineFigures>(task, Math.max(1, endAt - performance.now())));
    } finally {
      await worker.stop();
    }
  }
  return results;
}

/** The tables of the engine: medians over the rounds. */
export function formatEngine(results: readonly EngineFigures[]): string {
  const world = formatTable(
    [
      "fleet",
      "memberships",
      "groups",
      "realms",
      "pools",
      "expand ms",
      "build ms",
      "change µs",
      "change p99",
      "snapshot MB",
      "configuration MB",
    ],
    results.map((result) => [
      result.size,
      formatCount(result.memberships),
      formatCount(result.groups),
      formatCount(result.realms),
      formatCount(result.pools),
      formatNumber(median(result.expandMs)),
      formatNumber(median(result.buildMs)),
      formatNumber(median(result.changeUs)),
      formatNumber(quantile(Float64Array.from(result.changeUs).sort(), 0.99)),
      formatNumber(result.snapshotBytes / 1e6),
      formatNumber(result.configurationBytes / 1e6),
    ]),
  );
  const row = (result: EngineFigures, label: string, pick: "coldNs" | "warmNs"): string[] => [
    `${result.size}, ${label}`,
    ...result.kinds.map((figures) => formatNumber(median(figures[pick]))),
  ];
  const checks = formatTable(
    ["ns per check", ...kinds],
    results.flatMap((result) => [row(result, "cold", "coldNs"), row(result, "warm", "warmNs")]),
  );
  return `${world}\n\n${checks}`;
}
