import { createSingleFlight } from "../replica/single-flight.ts";
import type { EventPosition, EventsRead } from "../storage/credential/read-events.ts";
import { translateStorageError } from "../storage/errors.ts";
import type { DatabaseClock } from "./database-clock.ts";
import type { Era } from "./record-cache.ts";

/** Reads the log of changes. */
export interface EventSource {
  /** What became visible since another read. */
  readonly after: (position: EventPosition) => Promise<EventsRead>;
  /** The changes that still count by which somebody may do less, and from where to go on. */
  readonly shrinks: () => Promise<EventsRead>;
}

/**
 * How a read belongs to those before. `next`: it goes on where the last one was, whatever failed in between. `again`: that was too long ago,
 * so it tells all that counts by which somebody may do less. `anew`: so does it, and nothing that was told before counts any more.
 */
export type Telling = "next" | "again" | "anew";

/** What following the log brings about. None of these may throw. */
export interface FeedEvents {
  /** Changes, oldest first, that were asked for at an instant of the process's clock. */
  readonly onRead: (read: EventsRead, telling: Telling, askedAt: number) => void;
  /** The log cannot be read; told once until `onRecovery`. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** It is read again after a failure. */
  readonly onRecovery?: (() => void) | undefined;
}

/** Follows the log of changes. */
export interface Feed {
  /** Within it, the log was followed without a gap. While it cannot be read it is one of which nothing more is ever told. */
  readonly era: () => Era;
  /** Whether the database does not answer, as far as is known. */
  readonly isLost: () => boolean;
  /** Hears that the database did not answer somebody else: looks at once whether that is so. */
  readonly noteLost: () => void;
  /** Reads the log: when it resolves, all that was committed before the call is told. Fails with what the read fails with. */
  readonly refresh: () => Promise<void>;
  /** Reads the log soon: somebody said that there is something. */
  readonly nudge: () => void;
  /** Reads for the first time and goes on to, every `pollMs`. Never rejects. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How often the log is read, in milliseconds. */
export const pollMs = 500;

/**
 * After how many milliseconds the log is not gone on with, but read again: so much of it may be more than all by which somebody may do less.
 * Far less than the time for which storage keeps it.
 */
export const maxBehindMs = 10 * 60_000;

/** Creates a feed that does not follow yet. `now` is a clock that does not jump, in milliseconds. */
export function createFeed(
  source: EventSource,
  clock: DatabaseClock,
  now: () => number,
  events: FeedEvents,
): Feed {
  let position: EventPosition | undefined;
  // The one that was told last, and the one that counts: another one while reads fail.
  let followed: Era = { completeAt: -Infinity };
  let era = followed;
  let isLost = false;
  let isReported = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const flight = createSingleFlight(step);

  async function step(): Promise<void> {
    try {
      let askedAt = now();
      const isBehind = askedAt - followed.completeAt > maxBehindMs;
      const from = isBehind ? undefined : position;
      let telling: Telling = from === undefined ? "again" : "next";
      let read = await (from === undefined ? source.shrinks() : source.after(from));
      // That reads failed in between says nothing: the same run of the same server has lost nothing, and another one shows here.
      if (position === undefined || !follows(read.position, position)) {
        if (telling === "next") {
          askedAt = now();
          read = await source.shrinks();
        }
        telling = "anew";
      }
      clock.observe(askedAt, now(), read.now);
      // Nor is vouched for records of before.
      if (telling !== "next") followed = { completeAt: -Infinity };
      era = followed;
      events.onRead(read, telling, askedAt);
      position = read.position;
      followed.completeAt = askedAt;
      isLost = false;
      if (isReported) events.onRecovery?.();
      isReported = false;
    } catch (error) {
      // What is read meanwhile may be told by whoever the log is not read of, so nobody vouches for it later.
      if (era === followed) era = { completeAt: followed.completeAt };
      isLost = translateStorageError(error).reason === "STORAGE_UNAVAILABLE";
      if (!isReported && !closed) events.onFailure?.(error);
      isReported = true;
      throw error;
    }
  }

  function nudge(): void {
    if (!closed) void flight.run().catch(() => undefined);
  }

  function schedule(): void {
    if (closed) return;
    timer = setTimeout(() => {
      void flight
        .run()
        .catch(() => undefined)
        .finally(schedule);
    }, pollMs);
    timer.unref();
  }

  return {
    era: () => era,
    isLost: () => isLost,
    noteLost: () => {
      isLost = true;
      nudge();
    },
    refresh: flight.run,
    nudge,
    start: async () => {
      await flight.run().catch(() => undefined);
      schedule();
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await flight.settled();
    },
  };
}

// Another server, or an earlier state of this one: what was told before says nothing about it.
function follows(found: EventPosition, before: EventPosition): boolean {
  if (found.server !== before.server) return false;
  return found.xmin >= before.xmin && found.xmax >= before.xmax;
}
