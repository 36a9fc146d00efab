/** What wakes who waits for something to do. */
export interface Alarm {
  readonly ring: () => void;
  /** Waits until it rings, at most so long; not at all when it rang since the last time. */
  readonly wait: (ms: number) => Promise<void>;
  readonly close: () => void;
}

/** Creates one that also rings when the signal aborts. */
export function createAlarm(signal: AbortSignal): Alarm {
  let rang = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    rang = true;
    wake?.();
  };
  signal.addEventListener("abort", ring);
  return {
    ring,
    wait: async (ms) => {
      if (!rang && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      [rang, wake] = [false, undefined];
    },
    close: () => {
      wake?.();
      signal.removeEventListener("abort", ring);
    },
  };
}
