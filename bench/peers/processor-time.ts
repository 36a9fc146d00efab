import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Seconds of processor time that a process has used, with all its threads, those that ended included. */
export type ReadCpu = (pid: number) => number;

/**
 * Reads it from /proc, where there is one; undefined elsewhere. The system counts in ticks, of 10 ms as a
 * rule, so that a run should take a second or more.
 */
export function openCpuReader(): ReadCpu | undefined {
  try {
    const perSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
    const read: ReadCpu = (pid) =>
      parseCpuTicks(readFileSync(`/proc/${pid}/stat`, "utf8")) / perSecond;
    return read(process.pid) >= 0 && perSecond > 0 ? read : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The ticks in user and in system mode of a line of /proc/PID/stat. The name of the program, in parentheses,
 * may hold spaces and parentheses itself. Throws when the line is another one.
 */
export function parseCpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!stat.includes(")") || !Number.isInteger(ticks))
    throw new Error("not a line of /proc/PID/stat");
  return ticks;
}
