import type { RevocationCursor } from "./revocation-cursor.ts";

/** What must not be taken from a cache any more. */
export interface Revocation {
  readonly subjectUid: string;
  /** Undefined: all of the subject. */
  readonly credentialId: string | undefined;
  /** Answers of a lower version of the subject are of before. */
  readonly version: bigint;
}

/** What one message tells. */
export interface RevocationBatch {
  readonly revocations: readonly Revocation[];
  readonly cursor: RevocationCursor;
}

/** What is to be told to one who watches, until it takes it. */
export interface RevocationQueue {
  /** Adds changes, and how far they reach. */
  readonly add: (revocations: Iterable<Revocation>, cursor: RevocationCursor) => void;
  /** Ends it: nobody knows what there would have been to tell. */
  readonly interrupt: () => void;
  /**
   * The next message; undefined: there is nothing to tell. `overflow`: too much was to be told, and it is lost; `gap`: so may be what
   * nobody knows of.
   */
  readonly take: () => RevocationBatch | "overflow" | "gap" | undefined;
}

/** The most changes that wait for one who watches. */
export const maxBacklog = 10_000;

/** The most changes in one message. */
export const maxOfMessage = 1_000;

/**
 * Creates an empty queue. What changes again while it waits is told once, and a message says how far things are told only when all
 * before that has been; `from` is how far they are told to begin with. A queue that holds more than `maxBacklog` forgets all, and is
 * at its end.
 */
export function createRevocationQueue(from: RevocationCursor | undefined): RevocationQueue {
  const waiting = new Map<string, Revocation>();
  // How far everything is told once `waiting` is, and how far it is now.
  let reached: RevocationCursor | undefined;
  let told = from;
  let over: "overflow" | "gap" | undefined;

  function end(why: "overflow" | "gap"): void {
    over ??= why;
    waiting.clear();
  }

  return {
    add: (revocations, cursor) => {
      if (over !== undefined) return;
      for (const revocation of revocations) {
        const key = `${revocation.subjectUid} ${revocation.credentialId ?? ""}`;
        const before = waiting.get(key);
        if (before === undefined || before.version < revocation.version) {
          waiting.set(key, revocation);
        }
      }
      reached = later(reached, cursor);
      if (waiting.size > maxBacklog) end("overflow");
    },
    interrupt: () => end("gap"),
    take: () => {
      if (over !== undefined) return over;
      if (reached === undefined) return undefined;
      const revocations: Revocation[] = [];
      for (const [key, revocation] of waiting) {
        if (revocations.length === maxOfMessage) break;
        revocations.push(revocation);
        waiting.delete(key);
      }
      const cursor = waiting.size === 0 ? reached : (told ?? nowhere);
      if (waiting.size === 0) [told, reached] = [reached, undefined];
      return { revocations, cursor };
    },
  };
}

// Of nothing is known that it was told: whoever goes on from here is told to begin anew.
const nowhere: RevocationCursor = { server: "0", xmin: 0n, completeAt: 0 };

function later(one: RevocationCursor | undefined, other: RevocationCursor): RevocationCursor {
  if (one === undefined) return other;
  // How far the one got says nothing of the other.
  if (one.server !== other.server) return nowhere;
  return {
    server: one.server,
    xmin: one.xmin > other.xmin ? one.xmin : other.xmin,
    completeAt: Math.max(one.completeAt, other.completeAt),
  };
}
