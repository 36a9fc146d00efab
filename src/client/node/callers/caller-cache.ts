import type { IdentifyCallerResponse } from "../../../gen/fleetgate/credential/v1/caller_service_pb.ts";

/** An answer that is remembered. Times are milliseconds of a clock of this process that never goes back. */
export interface CachedAnswer {
  readonly response: IdentifyCallerResponse;
  /** When the question went out. */
  readonly askedAt: number;
  /** The first instant at which it is dead, whatever the watch tells. */
  readonly until: number;
  /** The same while the watch is up to date, and has been since the question. */
  readonly untilWatching: number;
}

/** Answers by the digest of token and question, never by the token. Bounded; the one that was used longest ago goes first. */
export interface CallerCache {
  readonly get: (key: string) => CachedAnswer | undefined;
  /** Remembers an answer; false: it is outdated, a revocation told of something newer. */
  readonly put: (key: string, answer: CachedAnswer) => boolean;
  readonly drop: (key: string) => void;
  /** Drops answers about a subject before a version, and refuses those that come later: they were on their way. */
  readonly revoke: (subjectUid: string, version: bigint) => void;
  readonly clear: () => void;
}

/** How many revocations are remembered at least, for answers that are on their way. */
const leastRevoked = 10_000;

/** Creates a cache of at most `maxEntries` answers, which remembers as many revocations, and 10,000 at least. */
export function createCallerCache(maxEntries: number): CallerCache {
  const answers = new Map<string, CachedAnswer>();
  const keysOf = new Map<string, Set<string>>();
  const revoked = new Map<string, bigint>();
  const maxRevoked = Math.max(maxEntries, leastRevoked);

  function drop(key: string): void {
    const uid = answers.get(key)?.response.caller?.subjectUid ?? "";
    answers.delete(key);
    const keys = keysOf.get(uid);
    keys?.delete(key);
    if (keys?.size === 0) keysOf.delete(uid);
  }

  return {
    get: (key) => {
      const answer = answers.get(key);
      if (answer === undefined) return undefined;
      answers.delete(key);
      answers.set(key, answer);
      return answer;
    },
    put: (key, answer) => {
      const { caller } = answer.response;
      if (caller === undefined) return true;
      if (isRevoked(revoked, caller)) return false;
      drop(key);
      answers.set(key, answer);
      const keys = keysOf.get(caller.subjectUid);
      if (keys === undefined) keysOf.set(caller.subjectUid, new Set([key]));
      else keys.add(key);
      if (answers.size > maxEntries) dropOldest(answers, drop);
      return true;
    },
    drop,
    revoke: (subjectUid, version) => {
      const known = revoked.get(subjectUid) ?? -1n;
      // Told again: it is remembered anew, as the newest.
      revoked.delete(subjectUid);
      revoked.set(subjectUid, known > version ? known : version);
      if (revoked.size > maxRevoked) dropOldest(revoked, (uid) => revoked.delete(uid));
      for (const key of [...(keysOf.get(subjectUid) ?? [])]) {
        const caller = answers.get(key)?.response.caller;
        if (caller !== undefined && isRevoked(revoked, caller)) drop(key);
      }
    },
    clear: () => {
      answers.clear();
      keysOf.clear();
    },
  };
}

function isRevoked(
  revoked: ReadonlyMap<string, bigint>,
  { subjectUid, version }: { readonly subjectUid: string; readonly version: bigint },
): boolean {
  const least = revoked.get(subjectUid);
  return least !== undefined && version < least;
}

function dropOldest(map: ReadonlyMap<string, unknown>, drop: (key: string) => void): void {
  const oldest = map.keys().next();
  if (oldest.done !== true) drop(oldest.value);
}
