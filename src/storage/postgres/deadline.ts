/** A time that can run out. */
export interface Deadline {
  /** Starts the whole time anew; does nothing once it has run out or was ended. */
  readonly extend: () => void;
  /** It never runs out any more; idempotent. */
  readonly end: () => void;
}

/**
 * Calls `onPassed` once after `ms` milliseconds, unless it was ended before. An answer that came in time but could
 * not be read, because this thread was busy, still ends it: sockets are read once more before it runs out.
 */
export function startDeadline(ms: number, onPassed: () => void): Deadline {
  let ended = false;
  const timer = setTimeout(() => {
    setImmediate(() => {
      if (ended) return;
      ended = true;
      onPassed();
    });
  }, ms);
  return {
    extend: () => {
      if (!ended) timer.refresh();
    },
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
