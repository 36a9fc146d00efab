/** The clock of the database, carried on by one of the process that does not jump. Milliseconds. */
export interface DatabaseClock {
  /** Now, since 1970. Off by less than the fastest answer of the database took; before the first one, the process's own time. */
  readonly now: () => number;
  /** The time of the database at an instant of the process's clock. */
  readonly at: (instant: number) => number;
  /** Learns that the database said `time` in answer to what was asked at one instant and came back at another. */
  readonly observe: (askedAt: number, answeredAt: number, time: number) => void;
}

/** Creates a clock. `now` does not jump; `wallClock` is taken until the database was heard. */
export function createDatabaseClock(now: () => number, wallClock: () => number): DatabaseClock {
  let offset: number | undefined;
  const offsetNow = (): number => offset ?? wallClock() - now();
  return {
    now: () => now() + offsetNow(),
    at: (instant) => instant + offsetNow(),
    observe: (askedAt, answeredAt, time) => {
      // It was said between the two. What is known better already stays; what cannot be any more follows. Times of the
      // database are cut to milliseconds here.
      const [least, most] = [time - answeredAt, time + 1 - askedAt];
      offset = offset === undefined ? most : Math.min(Math.max(offset, least), most);
    },
  };
}
