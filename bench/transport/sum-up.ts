import { quantile } from "../statistics.ts";
import type { LoadResult } from "./messages.ts";
import type { Calls } from "./patterns.ts";

/** What calls came to that this process made; `cpu`: its processor times (of `process.cpuUsage()`) before the first of them. */
export function sumUp(calls: Calls, cpu: NodeJS.CpuUsage): LoadResult {
  const { user, system } = process.cpuUsage(cpu);
  const ascending = toMicros(calls.latencies);
  return {
    calls: ascending.length,
    seconds: calls.seconds,
    p50: quantile(ascending, 0.5),
    p99: quantile(ascending, 0.99),
    p999: quantile(ascending, 0.999),
    max: quantile(ascending, 1),
    delay99: quantile(toMicros(calls.delays), 0.99),
    loadCpuSeconds: (user + system) / 1e6,
  };
}

function toMicros(milliseconds: readonly number[]): Float64Array {
  return Float64Array.from(milliseconds, (ms) => ms * 1000).sort();
}
