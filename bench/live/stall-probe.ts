import { PerformanceObserver } from "node:perf_hooks";

/** The longest times for which a process heard nothing, in milliseconds. */
export interface Stalls {
  /** By the clock: what other processes did on the same cores is in it. */
  readonly wallMs: number;
  /** Of the main thread's own processor time between two looks at the clock: no other process is in it. */
  readonly cpuMs: number;
  /** The longest single pause for the collector, which is part of the others. */
  readonly gcMs: number;
}

/** Looks for stalls until it is stopped. */
export interface StallProbe {
  readonly stop: () => Stalls;
}

/** How often the probe looks at the clock; what comes on top is a stall. */
const intervalMs = 1;

/** Begins to look for stalls of the event loop of this process. */
export function startStallProbe(): StallProbe {
  let wallMs = 0;
  let cpuMs = 0;
  let gcMs = 0;
  let last = performance.now();
  let lastCpu = threadMillis();

  function look(): void {
    const now = performance.now();
    const cpu = threadMillis();
    wallMs = Math.max(wallMs, now - last - intervalMs);
    cpuMs = Math.max(cpuMs, cpu - lastCpu);
    last = now;
    lastCpu = cpu;
  }

  function notePauses(pauses: readonly { readonly duration: number }[]): void {
    for (const { duration } of pauses) gcMs = Math.max(gcMs, duration);
  }

  const observer = new PerformanceObserver((list) => notePauses(list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  const timer = setInterval(look, intervalMs);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      notePauses(observer.takeRecords());
      observer.disconnect();
      return { wallMs: Math.max(0, wallMs), cpuMs, gcMs };
    },
  };
}

/** The processor time that this thread has used, in milliseconds. */
export function threadMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e3;
}
