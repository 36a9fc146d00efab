/**
 * Lets one run of `work` be under way at a time. All who ask while one runs share the one after it: the
 * running one may have begun before what the asker wants to see had happened.
 */
export function createSingleFlight(work: () => Promise<void>): {
  readonly run: () => Promise<void>;
  /** Resolves when nothing runs any more. */
  readonly settled: () => Promise<void>;
} {
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  function begin(): Promise<void> {
    running = work().finally(() => {
      running = undefined;
    });
    return running;
  }

  function latest(): Promise<void> | undefined {
    return queued ?? running;
  }

  return {
    run: () => {
      // Between two runs none is running, and yet the next one is about to.
      if (queued !== undefined) return queued;
      if (running === undefined) return begin();
      queued = running
        .catch(() => undefined)
        .then(() => {
          queued = undefined;
          return begin();
        });
      return queued;
    },
    settled: async () => {
      for (let last = latest(); last !== undefined; last = latest()) {
        await last.catch(() => undefined);
      }
    },
  };
}
