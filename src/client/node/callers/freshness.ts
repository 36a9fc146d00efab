/** For how long after the instant up to which everything was told a watch says what is current. */
const freshMs = 2000;

/** How long the quickest message is remembered: long enough to judge the others by it, short enough that clocks may drift. */
const windowMs = 60_000;

/** Whether a watch of revocations is up to date. Times are milliseconds of a clock of this process that never goes back. */
export interface WatchFreshness {
  /** Notes a message that arrived, and up to when, by the clock of the database, it completes what was told. */
  readonly told: (now: number, completeAt: number) => void;
  /** Notes that the stream broke: nothing is up to date until it tells something again. */
  readonly broke: () => void;
  /** Whether everything that was committed 2 seconds ago has been told. */
  readonly isFresh: (now: number) => boolean;
}

/**
 * Tells by the instants of the messages themselves. The clocks of database and process differ by an unknown amount, which the
 * quickest message of the last minute bounds: messages that come on time but tell of less and less are late by the difference.
 */
export function createWatchFreshness(): WatchFreshness {
  let isOpen = false;
  /** By this clock; what was committed before it was told. */
  let completeUntil = -Infinity;
  let best = { offset: -Infinity, previous: -Infinity, since: -Infinity };
  return {
    told: (now, completeAt) => {
      isOpen = true;
      if (now - best.since > windowMs) {
        const previous = now - best.since > 2 * windowMs ? -Infinity : best.offset;
        best = { offset: -Infinity, previous, since: now };
      }
      best = { ...best, offset: Math.max(best.offset, completeAt - now) };
      completeUntil = completeAt - Math.max(best.offset, best.previous);
    },
    broke: () => {
      isOpen = false;
    },
    isFresh: (now) => isOpen && now - completeUntil < freshMs,
  };
}
