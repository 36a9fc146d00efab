import type { EventsRead } from "../storage/credential/read-events.ts";
import type { FeedNews } from "./identifier.ts";

/** Tells those who watch of what a read of the log brought. */
export interface NewsBoard {
  watch(listener: (news: FeedNews) => void): () => void;
  /** `hasGap`: something may never have been told. */
  tell(read: EventsRead, hasGap: boolean): void;
  close(): void;
}

/**
 * How often those who watch hear that there is nothing, in milliseconds: at each read of the log, which is every half second, but a
 * little late. Once a second would be too close to the two seconds for which they believe it, since the snapshot is confirmed
 * once a second too, at another time.
 */
const quietMs = 400;

/** Creates a board that nobody watches. `now` is a clock that does not jump, in milliseconds. */
export function createNewsBoard(now: () => number): NewsBoard {
  const listeners = new Set<(news: FeedNews) => void>();
  let toldAt = -Infinity;
  return {
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell: ({ events, position: { server, xmin }, now: completeAt }, hasGap) => {
      if (!hasGap && events.length === 0 && now() - toldAt < quietMs) return;
      toldAt = now();
      const news = { changes: events, cursor: { server, xmin, completeAt }, hasGap };
      for (const listener of listeners) {
        try {
          listener(news);
        } catch {
          // The log goes on to be followed. Who missed something hears nothing more, and so knows.
          listeners.delete(listener);
        }
      }
    },
    close: () => listeners.clear(),
  };
}
