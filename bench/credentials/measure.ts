import type { Child } from "../children.ts";
import { median } from "../statistics.ts";
import type { LoadResult } from "../transport/messages.ts";
import type { LoadRun, ServerRequest } from "./messages.ts";

/** A server process that listens. */
export interface Target {
  readonly child: Child;
  readonly port: number;
}

/** One run with the processor time of the server, from rest to rest. */
export interface MeasuredRun extends LoadResult {
  readonly serverCpuSeconds: number;
}

/** Calls a server by the load. */
export async function measureRun(
  { child, port }: Target,
  load: Child,
  run: Omit<LoadRun, "port">,
): Promise<MeasuredRun> {
  const timeoutMs = run.seconds * 1000 + 20_000;
  const readCpu = (): Promise<NodeJS.CpuUsage> =>
    child.ask<NodeJS.CpuUsage>({ kind: "cpu" } satisfies ServerRequest, timeoutMs);
  const before = await readCpu();
  const result = await load.ask<LoadResult>({ run: { ...run, port } }, timeoutMs);
  const after = await readCpu();
  const micros = after.user - before.user + after.system - before.system;
  return { ...result, serverCpuSeconds: micros / 1e6 };
}

/** The median over runs. */
export function middle<Run>(runs: readonly Run[], pick: (run: Run) => number): number {
  return median(runs.map(pick));
}

/** Calls a second. */
export function rateOf({ calls, seconds }: LoadResult): number {
  return calls / seconds;
}

/** Microseconds of the server's processor time a call. */
export function cpuOf({ serverCpuSeconds, calls }: MeasuredRun): number {
  return (serverCpuSeconds * 1e6) / calls;
}

/** The share of a core that the server used. */
export function serverShare({ serverCpuSeconds, seconds }: MeasuredRun): number {
  return serverCpuSeconds / seconds;
}

/** The share of a core that the load used. */
export function loadShare({ loadCpuSeconds, seconds }: LoadResult): number {
  return loadCpuSeconds / seconds;
}
