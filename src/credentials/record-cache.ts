import type { CredentialRecord } from "../domain/credential/subject.ts";
import { expectHash, type ExpectedHash } from "./secret.ts";

/** A stretch of time in which the log of changes was followed without a gap. */
export interface Era {
  /** All that was committed before this instant of the process's clock has been told and applied; -Infinity: nothing was. */
  completeAt: number;
}

/** A record in memory. Instants are milliseconds of the process's clock that does not jump. */
export interface CachedRecord {
  readonly record: CredentialRecord;
  /** When the read began that found it: it is what was committed then. */
  readonly readAt: number;
  /** The era in which it was read: until its `completeAt`, the log told of no change of it. */
  readonly era: Era;
  /** What its secret is compared with; undefined: no secret is right. */
  readonly expected: ExpectedHash | undefined;
}

/** Records in memory: by id, by the hash of a token that a forge made, and by subject. */
export interface RecordCache {
  findById(id: string): CachedRecord | undefined;
  findByHash(hash: string): CachedRecord | undefined;
  /**
   * Takes in what a read found that began at `readAt` in an era, and returns what is to be judged: it, or what is newer.
   * Undefined: the log has told of a later version meanwhile, so that it must be read again.
   */
  install(record: CredentialRecord, readAt: number, era: Era): CachedRecord | undefined;
  /** Hears of a change: forgets what is older of this subject, and lets no read bring it back that is under way. */
  supersede(uid: string, version: bigint): void;
  /** Hears that something was just committed about a subject: forgets all of it, and what reads bring that began before. */
  forget(uid: string): void;
  /** Forgets all, and what reads bring that are under way. */
  clear(): void;
  readonly size: () => number;
}

/** How many records a process keeps; the one that was not used for longest goes first. */
export const maxCachedRecords = 100_000;

/** For how many milliseconds it is remembered what must not be brought back: longer than any read that counts. */
export const tombstoneMs = 10_000;

/** A read that took longer is judged, but not kept: what it must not bring back may be forgotten already. */
const maxReadMs = tombstoneMs / 2;

/** How many tombstones there are at most; then no read that is under way brings anything. */
const maxTombstones = 200_000;

interface Tombstone {
  /** What is older is not let in. */
  readonly version: bigint;
  /** Nor is what was read before. */
  readonly readBefore: number;
  readonly setAt: number;
}

/** Creates an empty cache. `now` is a clock that does not jump, in milliseconds. */
export function createRecordCache(now: () => number, max = maxCachedRecords): RecordCache {
  // In the order of their last use.
  const byId = new Map<string, CachedRecord>();
  const idByHash = new Map<string, string>();
  const idsBySubject = new Map<string, Set<string>>();
  // In the order in which they were set.
  const tombstones = new Map<string, Tombstone>();
  let nothingReadBefore = -Infinity;

  function touch(entry: CachedRecord | undefined): CachedRecord | undefined {
    if (entry === undefined) return undefined;
    byId.delete(entry.record.id);
    byId.set(entry.record.id, entry);
    return entry;
  }

  function remove({ record }: CachedRecord): void {
    byId.delete(record.id);
    if (record.lookupHash !== undefined) idByHash.delete(record.lookupHash);
    const ids = idsBySubject.get(record.subject.uid);
    ids?.delete(record.id);
    if (ids?.size === 0) idsBySubject.delete(record.subject.uid);
  }

  function removeWhere(uid: string, isOld: (entry: CachedRecord) => boolean): void {
    for (const id of idsBySubject.get(uid) ?? []) {
      const entry = byId.get(id);
      if (entry !== undefined && isOld(entry)) remove(entry);
    }
  }

  function bury(uid: string, version: bigint, readBefore: number): void {
    const at = now();
    const before = tombstones.get(uid);
    tombstones.delete(uid);
    tombstones.set(uid, {
      version: before !== undefined && before.version > version ? before.version : version,
      readBefore: Math.max(before?.readBefore ?? -Infinity, readBefore),
      setAt: at,
    });
    for (const [old, { setAt }] of tombstones) {
      if (at - setAt <= tombstoneMs) break;
      tombstones.delete(old);
    }
    if (tombstones.size > maxTombstones) {
      tombstones.clear();
      nothingReadBefore = at;
    }
  }

  function isSuperseded({ subject }: CredentialRecord, readAt: number): boolean {
    const tombstone = tombstones.get(subject.uid);
    if (tombstone === undefined) return readAt < nothingReadBefore;
    return subject.version < tombstone.version || readAt < tombstone.readBefore;
  }

  return {
    findById: (id) => touch(byId.get(id)),
    findByHash: (hash) => touch(byId.get(idByHash.get(hash) ?? "")),
    install: (record, readAt, era) => {
      if (isSuperseded(record, readAt)) return undefined;
      const before = byId.get(record.id);
      if (before !== undefined && before.readAt > readAt) return before;
      const { id, lookupHash, subject } = record;
      const entry = toEntry(record, readAt, era);
      if (now() - readAt > maxReadMs) return entry;
      if (before !== undefined) remove(before);
      byId.set(id, entry);
      if (lookupHash !== undefined) idByHash.set(lookupHash, id);
      const ids = idsBySubject.get(subject.uid);
      if (ids === undefined) idsBySubject.set(subject.uid, new Set([id]));
      else ids.add(id);
      for (const oldest of byId.values()) {
        if (byId.size <= max) break;
        remove(oldest);
      }
      return entry;
    },
    supersede: (uid, version) => {
      bury(uid, version, -Infinity);
      removeWhere(uid, ({ record }) => record.subject.version < version);
    },
    forget: (uid) => {
      bury(uid, 0n, now());
      removeWhere(uid, () => true);
    },
    clear: () => {
      for (const map of [byId, idByHash, idsBySubject, tombstones]) map.clear();
      nothingReadBefore = now();
    },
    size: () => byId.size,
  };
}

/** A record as it is kept. */
export function toEntry(record: CredentialRecord, readAt: number, era: Era): CachedRecord {
  const { secretHash } = record;
  return {
    ...{ record, readAt, era },
    expected: secretHash === undefined ? undefined : expectHash(secretHash),
  };
}
