import { median } from "../statistics.ts";
import type { ModeName } from "./plan.ts";
import type { MeasuredRun, PeersResults, RowFigures } from "./results.ts";

/** A median over rounds and the least and the largest of them. All NaN when there were none. */
export interface Spread {
  readonly middle: number;
  readonly least: number;
  readonly most: number;
}

/** What one run is looked at for. */
export type PickFigure = (run: MeasuredRun) => number;

/** Microseconds of the server's processor time a request. */
export const cpuOf: PickFigure = ({ serverCpuSeconds, calls }) => (serverCpuSeconds * 1e6) / calls;

/**
 * The same over all rounds: where a server has little to do, one round is a few ticks of the clock that the system counts
 * processor time by.
 */
export function pooledCpu(runs: readonly MeasuredRun[]): number {
  let seconds = 0;
  let calls = 0;
  for (const run of runs) {
    seconds += run.serverCpuSeconds;
    calls += run.calls;
  }
  return (seconds * 1e6) / calls;
}

/** Requests a second. */
export const rateOf: PickFigure = ({ calls, seconds }) => calls / seconds;

/** The share of its time that the server, and the load, was busy. */
export const serverBusyOf: PickFigure = ({ serverCpuSeconds, seconds }) =>
  serverCpuSeconds / seconds;
export const loadBusyOf: PickFigure = ({ loadCpuSeconds, seconds }) => loadCpuSeconds / seconds;

/** The middle, least and largest of some values. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { middle: NaN, least: NaN, most: NaN };
  return { middle: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/**
 * How many times as much the first came to as the second: the ratio of their medians; and the least and the largest
 * ratio of one round, since both were measured in each.
 */
export function ratioOf(values: readonly number[], bases: readonly number[]): Spread {
  const pairs = values.slice(0, bases.length).map((value, index) => value / (bases[index] ?? NaN));
  const { least, most } = spreadOf(pairs);
  return { middle: median(values) / median(bases), least, most };
}

/** The values of a row in one way of asking, in the order of the rounds; none when it was not measured. */
export function valuesOf(
  { rows }: Pick<PeersResults, "rows">,
  id: string,
  mode: ModeName,
  pick: PickFigure,
): readonly number[] {
  const found: RowFigures | undefined = rows.find(({ row }) => row.id === id);
  return (found?.runs[mode] ?? []).map(pick);
}
