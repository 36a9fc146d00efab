import type { CredentialRecord } from "../domain/credential/subject.ts";
import type { CredentialKeys, FoundCredentials } from "../storage/credential/read-credentials.ts";
import { DomainError } from "../domain/errors.ts";
import { translateStorageError } from "../storage/errors.ts";

/** What one look-up is for: one credential, by all the keys under which it may be. */
export type LookUpKeys = { readonly id: string } | { readonly hashes: readonly string[] };

/** What a look-up found. */
export interface Reading {
  /** Undefined: there is no such credential. */
  readonly record: CredentialRecord | undefined;
  /** When the read began and when its answer came, by the process's clock. */
  readonly readAt: number;
  readonly answeredAt: number;
  /** The clock of the database meanwhile. */
  readonly now: number;
}

/** Looks credentials up: those that are asked for together in one statement, and each of them once, however many ask for it. */
export interface RecordReader {
  /** Reads after the call: what was committed before it is seen. Fails with a DomainError. */
  lookUp(keys: LookUpKeys): Promise<Reading>;
  /** Whether so many wait that only those should who gave no cause for doubt. */
  readonly isLoaded: () => boolean;
  /** Whether so many wait that no more should, whoever asks. */
  readonly isFull: () => boolean;
  /** Fails all that wait, and whoever asks later. */
  close(): void;
}

/** How many look-ups one statement makes. */
export const maxLookUpsAtOnce = 500;

/** How many look-ups of a process wait when no more are made for a source that has had too many unknown ones looked up. */
export const loadedLookUps = 1_000;

/** How many look-ups of a process may wait. */
export const maxWaitingLookUps = 10_000;

/** A read that fails faster than this is tried again: its connection was dead before it, most likely. Milliseconds. */
const quickFailureMs = 500;

interface Waiting {
  readonly keys: LookUpKeys;
  /** Shared by all who ask for the same before its read begins. */
  readonly promise: Promise<Reading>;
  readonly resolve: (reading: Reading) => void;
  readonly reject: (error: DomainError) => void;
}

/** Creates a reader. `now` is a clock that does not jump, in milliseconds. */
export function createRecordReader(
  read: (keys: CredentialKeys) => Promise<FoundCredentials>,
  now: () => number,
): RecordReader {
  // By what they look for, in the order in which it was asked for first.
  const waiting = new Map<string, Waiting>();
  let isBusy = false;
  let closed = false;

  // One at a time: whoever comes meanwhile is in the next, and connections are left to those who follow the log.
  async function work(): Promise<void> {
    while (waiting.size > 0) {
      const batch = take(maxLookUpsAtOnce);
      const readAt = now();
      try {
        const found = await readTwice(keysOf(batch));
        settle(batch, found, readAt, now());
      } catch (cause) {
        const error = translateStorageError(cause);
        // What does not answer would let each wait as long again.
        const others = error.reason === "STORAGE_UNAVAILABLE" ? take(Infinity) : [];
        for (const { reject } of [...batch, ...others]) reject(error);
      }
    }
    // Here and not when the promise is settled: whoever asks in between would be served by nobody.
    isBusy = false;
  }

  function take(max: number): readonly Waiting[] {
    const taken = [...waiting].slice(0, max);
    for (const [name] of taken) waiting.delete(name);
    return taken.map(([, each]) => each);
  }

  async function readTwice(keys: CredentialKeys): Promise<FoundCredentials> {
    const startedAt = now();
    try {
      return await read(keys);
    } catch (error) {
      const isLost = translateStorageError(error).reason === "STORAGE_UNAVAILABLE";
      if (!isLost || now() - startedAt > quickFailureMs) throw error;
      return read(keys);
    }
  }

  return {
    lookUp: (keys) => {
      if (closed) return Promise.reject(stopped());
      const name = "id" in keys ? keys.id : keys.hashes.join();
      const same = waiting.get(name);
      if (same !== undefined) return same.promise;
      const made: Waiting = { keys, ...Promise.withResolvers<Reading>() };
      waiting.set(name, made);
      // After what else came in with this turn of the event loop.
      if (!isBusy) setImmediate(() => void work());
      isBusy = true;
      return made.promise;
    },
    isLoaded: () => waiting.size >= loadedLookUps,
    isFull: () => waiting.size >= maxWaitingLookUps,
    close: () => {
      closed = true;
      for (const { reject } of take(Infinity)) reject(stopped());
    },
  };
}

function keysOf(batch: readonly Waiting[]): CredentialKeys {
  return {
    ids: batch.flatMap(({ keys }) => ("id" in keys ? [keys.id] : [])),
    lookupHashes: [...new Set(batch.flatMap(({ keys }) => ("id" in keys ? [] : keys.hashes)))],
  };
}

function settle(
  batch: readonly Waiting[],
  { records, now }: FoundCredentials,
  readAt: number,
  answeredAt: number,
): void {
  const byId = new Map(records.map((record) => [record.id, record]));
  const byHash = new Map<string, CredentialRecord>();
  // Most have none, and are nobody's who shows what is found by a hash.
  for (const record of records) {
    if (record.lookupHash !== undefined) byHash.set(record.lookupHash, record);
  }
  for (const { keys, resolve } of batch) {
    const record =
      "id" in keys
        ? byId.get(keys.id)
        : keys.hashes.map((hash) => byHash.get(hash)).find((found) => found !== undefined);
    resolve({ record, readAt, answeredAt, now });
  }
}

function stopped(): DomainError {
  return new DomainError("STORAGE_UNAVAILABLE", "the server is stopping");
}
