import { setTimeout } from "node:timers/promises";
import { rotate } from "../statistics.ts";
import type { LoadResult } from "../transport/messages.ts";
import type { LoadMode, LoadRun } from "./messages.ts";
import type { ReadCpu } from "./processor-time.ts";
import type { ModeName } from "./plan.ts";
import type { MeasuredRun, RowFigures } from "./results.ts";
import type { Row } from "./rows.ts";
import type { Stage } from "./stage.ts";

/** How many connections, and calls in flight on each, make a server busy all the time. */
export const saturation = { connections: 8, streams: 8 } as const;

/** Of what the slowest row can do: the rate of paced calls. */
export const pacedShare = 0.4;

const restMs = 60;
const answerMs = 60_000;

/** Asks the servers of rows. */
export interface RowBench {
  /** Asks every row before anything is measured, which shows too what each can do, in calls a second. */
  readonly warmUp: (seconds: number) => Promise<void>;
  /** Asks each row once in one way, beginning with another one each round. */
  readonly round: (
    mode: ModeName,
    round: number,
    seconds: { readonly wakeUp: number; readonly measured: number },
  ) => Promise<void>;
  /** The rate of paced calls; NaN when no row has any. */
  readonly perSecond: () => number;
  readonly figures: readonly RowFigures[];
}

/** Prepares to measure rows on a stage. `readCpu` undefined: the system does not tell. */
export function createRowBench(
  rows: readonly Row[],
  stage: Stage,
  readCpu: ReadCpu | undefined,
): RowBench {
  const figures = rows.map((row) => ({
    row,
    runs: {
      ...{ saturated: [] as MeasuredRun[], h2load: [] as MeasuredRun[] },
      ...{ one: [] as MeasuredRun[], paced: [] as MeasuredRun[] },
    },
  }));
  let perSecond = NaN;

  async function measure(
    row: Row,
    mode: LoadMode,
    seconds: number,
    wakeUp = 0,
  ): Promise<MeasuredRun> {
    const server = stage.servers.get(row.server);
    const port = server?.ports[row.port];
    if (server === undefined || port === undefined) throw new Error(`no server for ${row.id}`);
    const token = row.token === undefined ? undefined : server.tokens[row.token];
    const set = `${row.scale}/${row.set}`;
    const run: LoadRun = { port, set, token, answer: row.answer, mode, seconds };
    if (wakeUp > 0 && mode.kind !== "paced") {
      const busy: LoadRun = { ...run, mode: { kind: "saturated", ...saturation }, seconds: wakeUp };
      await stage.load.ask<LoadResult>({ run: busy }, wakeUp * 1000 + answerMs);
    }
    // The server rests before and after: all of its time in between belongs to these calls.
    await setTimeout(restMs);
    const before = readCpu?.(server.pid) ?? NaN;
    let result: LoadResult;
    try {
      result = await stage.load.ask<LoadResult>({ run }, seconds * 1000 + answerMs);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Error(`${row.id}, ${mode.kind}: ${text}`, { cause: error });
    }
    await setTimeout(restMs);
    return { ...result, serverCpuSeconds: (readCpu?.(server.pid) ?? NaN) - before };
  }

  const toMode = (name: ModeName): LoadMode => {
    switch (name) {
      case "one":
        return { kind: "one" };
      case "paced":
        return { kind: "paced", connections: saturation.connections, perSecond };
      default:
        return { kind: name, ...saturation };
    }
  };

  return {
    warmUp: async (seconds) => {
      let slowest = Infinity;
      for (const { row } of figures) {
        const { calls, seconds: took } = await measure(row, toMode("saturated"), seconds);
        if (row.modes.includes("paced")) slowest = Math.min(slowest, calls / took);
      }
      if (slowest < Infinity) {
        perSecond = Math.max(10, Math.floor((slowest * pacedShare) / 10) * 10);
      }
    },
    round: async (mode, round, { wakeUp, measured }) => {
      const chosen = figures.filter(({ row }) => row.modes.includes(mode));
      for (const { row, runs } of rotate(chosen, round)) {
        runs[mode].push(await measure(row, toMode(mode), measured, wakeUp));
      }
    },
    perSecond: () => perSecond,
    figures,
  };
}
