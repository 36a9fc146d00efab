/** Where those wait who want something to happen. */
export interface WaitingRoom {
  /** Waits for the next call of wakeAll, for so many milliseconds, or until the signal aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  wakeAll(): void;
}

/** Creates an empty waiting room. Who has left leaves nothing behind. */
export function createWaitingRoom(): WaitingRoom {
  const waiting = new Set<() => void>();
  return {
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", wake);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        signal?.addEventListener("abort", wake, { once: true });
        waiting.add(wake);
        if (signal?.aborted === true) wake();
      }),
    wakeAll: () => {
      for (const wake of waiting) wake();
    },
  };
}
