import type { CredentialRecord } from "../domain/credential/subject.ts";
import { DomainError } from "../domain/errors.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import type { CredentialKeys, FoundCredentials } from "../storage/credential/read-credentials.ts";
import type { EventsRead } from "../storage/credential/read-events.ts";
import { absentMs, createAbsentKeys } from "./absent-keys.ts";
import { createNewsBoard } from "./change-news.ts";
import { createDatabaseClock } from "./database-clock.ts";
import { createFeed, type EventSource, type FeedEvents, type Telling } from "./feed.ts";
import type { Identifier, Inquiry } from "./identifier.ts";
import { judge, restsOnLease } from "./judge.ts";
import type { Keyring } from "./keyring.ts";
import { createLagCounter } from "./lag-counts.ts";
import { createRecordCache, toEntry, type CachedRecord } from "./record-cache.ts";
import { createRecordReader } from "./record-reader.ts";
import { createShrinkMemory } from "./shrink-memory.ts";
import { checkSecret, judgeUnknown, readGoodToken, type GoodToken } from "./shown-secret.ts";
import { createSourceLimiter } from "./source-limiter.ts";
import type { Verdict } from "./verdict.ts";
import { within } from "./within.ts";

/** What an identifier works with. */
export interface IdentifierDeps {
  readonly readCredentials: (keys: CredentialKeys) => Promise<FoundCredentials>;
  readonly log: EventSource;
  readonly keyring: Pick<Keyring, "lookupHashes">;
  /** For how many milliseconds records are used after the database was lost; 0: not at all. */
  readonly outageGraceMs: number;
  /** A clock that does not jump, in milliseconds. */
  readonly now: () => number;
  /** The time of the process, until the database was heard. Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly events?: Pick<FeedEvents, "onFailure" | "onRecovery">;
}

/** An identifier, and what those need who open it. */
export interface OpenIdentifier extends Identifier {
  /** Begins to follow the log. Never rejects. */
  readonly start: () => Promise<void>;
  /** Looks soon whether the log has something new. */
  readonly nudge: () => void;
}

/** For how many milliseconds a record, or what the log told, is used that nothing confirms. */
export const freshMs = 2_000;

/** How often a record is read that changes while it is read. */
const maxReads = 3;

/** How long a write that is committed waits, in milliseconds, until its changes are known here by the log, too. */
const knownWithinMs = 2_000;

type SnapshotNow = () => Snapshot | undefined;

/** Creates an identifier that knows nothing yet. */
export function createIdentifier(deps: IdentifierDeps): OpenIdentifier {
  const { now, keyring, outageGraceMs } = deps;
  const clock = createDatabaseClock(now, deps.wallClock);
  const cache = createRecordCache(now);
  const absent = createAbsentKeys(now);
  const memory = createShrinkMemory(now);
  const limiter = createSourceLimiter(now);
  const reader = createRecordReader(deps.readCredentials, now);
  const board = createNewsBoard(now);
  const lag = createLagCounter();
  const counts = { hits: 0, misses: 0, stale: 0 };
  let completeAt: number | undefined;
  // Subjects of which something was committed here that the log could not be made to tell, and when that was.
  const untold = new Map<string, number>();
  const feed = createFeed(deps.log, clock, now, { ...deps.events, onRead: hear });

  function hear(read: EventsRead, telling: Telling, askedAt: number): void {
    // What began later is told for the first time, also where something may be told again.
    const newSince = telling === "next" ? -Infinity : (completeAt ?? Infinity);
    if (telling === "anew") {
      memory.clear();
      cache.clear();
    }
    for (const { subjectUid, version, shrinks, at } of read.events) {
      cache.supersede(subjectUid, version);
      if (!shrinks) continue;
      memory.add(subjectUid, version);
      if (at > newSince) lag.observe(clock.now() - at);
    }
    // What somebody may do more may be what nobody knew a moment ago; of a gap, that is not told.
    if (telling !== "next" || read.events.some(({ shrinks }) => !shrinks)) absent.clear();
    for (const [uid, at] of untold) if (at <= askedAt) untold.delete(uid);
    completeAt = read.now;
    board.tell(read, telling !== "next");
  }

  function find(shown: GoodToken): CachedRecord | undefined {
    if (shown.form === "ours") return cache.findById(shown.id);
    for (const hash of shown.hashes) {
      const found = cache.findByHash(hash);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function judgeEntry(
    entry: CachedRecord,
    shown: GoodToken,
    inquiry: Inquiry,
    snapshot: Snapshot,
    knownUntil?: number,
  ): Verdict {
    const question = { inquiry, snapshot, now: clock.now(), knownUntil };
    return checkSecret(shown, entry) ?? judge(entry.record, question);
  }

  /** The verdict from memory; undefined: the database has to be asked. */
  function fromMemory(shown: GoodToken, inquiry: Inquiry, snapshot: Snapshot): Verdict | undefined {
    const entry = find(shown);
    if (entry !== undefined) return fromEntry(entry, shown, inquiry, snapshot);
    if (absent.has(keysOf(shown))) return judgeUnknown(shown);
    return mayLookUp(inquiry);
  }

  /** Why something unknown is not looked up; undefined: it may be. */
  function mayLookUp({ source }: Inquiry): Verdict | undefined {
    if (feed.isLost()) return lost;
    // Others behind the same address may show what is good: as long as there is room, nobody is refused for its sake.
    const isDoubted = reader.isLoaded() && !limiter.admits(source);
    return isDoubted || reader.isFull() ? tooMany : undefined;
  }

  /** Why something that is in memory is not read again; undefined: it may be. Nobody is doubted for that. */
  function mayReadAgain(): Verdict | undefined {
    return reader.isFull() ? tooMany : undefined;
  }

  function fromEntry(
    entry: CachedRecord,
    shown: GoodToken,
    inquiry: Inquiry,
    snapshot: Snapshot,
  ): Verdict | undefined {
    // What was read then, and of which the log has told nothing as far as it was followed without a gap.
    const knownAt = Math.max(entry.readAt, entry.era.completeAt);
    const age = now() - knownAt;
    if (age <= freshMs) {
      const verdict = judgeEntry(entry, shown, inquiry, snapshot);
      const wasJustRead = now() - entry.readAt < absentMs;
      if (wasJustRead || !mayImprove(verdict, entry.record, clock.now())) return verdict;
    }
    if (!feed.isLost()) return mayReadAgain();
    if (age > outageGraceMs) return lost;
    const knownUntil = clock.at(knownAt);
    const verdict = judgeEntry(entry, shown, inquiry, snapshot, knownUntil);
    return mayImprove(verdict, entry.record, knownUntil) ? lost : verdict;
  }

  async function ask(
    shown: GoodToken,
    inquiry: Inquiry,
    snapshotNow: SnapshotNow,
  ): Promise<Verdict> {
    for (let count = 1; ; count += 1) {
      const era = feed.era();
      const mark = absent.mark();
      const { record, readAt, answeredAt, now: time } = await reader.lookUp(shown);
      clock.observe(readAt, answeredAt, time);
      if (record === undefined) {
        absent.add(keysOf(shown), readAt, mark);
        limiter.charge(inquiry.source);
        return judgeUnknown(shown);
      }
      const kept = cache.install(record, readAt, era);
      if (kept === undefined && count < maxReads) continue;
      const snapshot = snapshotNow();
      if (snapshot === undefined) return noSnapshot;
      // What changes all the time is judged as it was after the question.
      const verdict = judgeEntry(kept ?? toEntry(record, readAt, era), shown, inquiry, snapshot);
      const hasSecret = verdict.kind !== "refused" || verdict.record !== undefined;
      if (!hasSecret) limiter.charge(inquiry.source);
      return verdict;
    }
  }

  /** The verdict that takes no read, now that one would begin or has failed. */
  function withoutRead(
    shown: GoodToken,
    inquiry: Inquiry,
    snapshotNow: SnapshotNow,
  ): Verdict | undefined {
    const snapshot = snapshotNow();
    if (snapshot === undefined) return noSnapshot;
    if (inquiry.freshness === "bounded") return fromMemory(shown, inquiry, snapshot);
    const entry = find(shown);
    if (entry === undefined || feed.isLost()) return mayLookUp(inquiry);
    // The secret of a credential never changes: one that is wrong costs no read, however fresh the answer must be.
    return checkSecret(shown, entry) ?? mayReadAgain();
  }

  function counted(verdict: Verdict | undefined): Verdict | undefined {
    if (verdict !== undefined) counts.hits += 1;
    return verdict;
  }

  /** A verdict that took no read: a wrong secret counts like one that was read for. */
  function charged<V extends Verdict | undefined>(verdict: V, { source }: Inquiry): V {
    const isWrong = verdict?.kind === "refused" && verdict.why === "wrong_secret";
    if (isWrong) limiter.charge(source);
    return verdict;
  }

  function remembered(inquiry: Inquiry, snapshot: Snapshot): Verdict | undefined {
    const shown = readGoodToken(inquiry, keyring);
    if (!("form" in shown)) return shown;
    if (inquiry.freshness === "strict") return undefined;
    return counted(fromMemory(shown, inquiry, snapshot));
  }

  return {
    identifyNow: (inquiry, snapshot) => charged(remembered(inquiry, snapshot), inquiry),
    identifyAllNow: (inquiries, snapshot) => {
      const { hits } = counts;
      const verdicts: Verdict[] = [];
      for (const inquiry of inquiries) {
        const verdict = remembered(inquiry, snapshot);
        if (verdict === undefined) {
          counts.hits = hits;
          return undefined;
        }
        verdicts.push(verdict);
      }
      // Not before: all are asked for once more where one is not in memory.
      for (const [index, inquiry] of inquiries.entries()) charged(verdicts[index], inquiry);
      return verdicts;
    },
    identify: async (inquiry, snapshotNow) => {
      const shown = readGoodToken(inquiry, keyring);
      if (!("form" in shown)) return shown;
      const verdict = counted(withoutRead(shown, inquiry, snapshotNow));
      if (verdict !== undefined) return charged(verdict, inquiry);
      counts[find(shown) === undefined ? "misses" : "stale"] += 1;
      try {
        return await ask(shown, inquiry, snapshotNow);
      } catch (cause) {
        const isLost = cause instanceof DomainError && cause.reason === "STORAGE_UNAVAILABLE";
        if (isLost) feed.noteLost();
        const found = isLost ? withoutRead(shown, inquiry, snapshotNow) : undefined;
        return found ?? { kind: "unavailable", cause };
      }
    },
    makeKnown: async (uids) => {
      const at = now();
      for (const uid of uids) cache.forget(uid);
      absent.clear();
      const isTold = await within(knownWithinMs, feed.refresh());
      if (!isTold) for (const uid of uids) untold.set(uid, at);
    },
    standing: (uid, version) => {
      const era = feed.era();
      const age = now() - era.completeAt;
      const isFollowed = age <= freshMs || (feed.isLost() && age <= outageGraceMs);
      if (!isFollowed || untold.has(uid)) return "unknown";
      const last = memory.lastOf(uid);
      if (last === "none" || last === "unknown") return last === "none" ? "current" : "unknown";
      return last > version ? "ended" : "current";
    },
    databaseNow: () => clock.now(),
    watch: (listener) => board.watch(listener),
    status: () => ({ ...counts, completeAt, lag: lag.read() }),
    start: () => feed.start(),
    nudge: () => feed.nudge(),
    close: async () => {
      reader.close();
      board.close();
      await feed.close();
    },
  };
}

const lost: Verdict = { kind: "unavailable", cause: "the database does not answer" };
const noSnapshot: Verdict = { kind: "unavailable", cause: "there is no snapshot" };
const tooMany: Verdict = { kind: "too_many" };

function keysOf(shown: GoodToken): readonly string[] {
  return shown.form === "ours" ? [shown.id] : shown.hashes;
}

/** Whether a read might make the verdict better although the log told of no change. */
function mayImprove(verdict: Verdict, record: CredentialRecord, now: number): boolean {
  const isLess =
    (verdict.kind === "not_active" && verdict.why === "state") ||
    (verdict.kind === "good" && verdict.use === "report");
  return isLess && restsOnLease(record, now);
}
