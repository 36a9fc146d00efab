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

/** Looks credentials up: those that are asked for together in one statement. */
export interface RecordReader {
  /** Reads after the call: what was committed before it is seen. Fails with a DomainError. */
  lookUp(keys: LookUpKeys): Promise<Reading>;
  /** Whether so many wait that only those should who gave no cause for doubt. */
  readonly isLoaded: () => boolean;
  /** Whether so many wait that no more should. */
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
  readonly resolve: (reading: Reading) => void;
  readonly reject: (error: DomainError) => void;
}

/** Creates a reader. `now` is a clock that does not jump, in milliseconds. */
export function createRecordReader(
  read: (keys: CredentialKeys) => Promise<FoundCredentials>,
  now: () => number,
): RecordReader {
  let waiting: Waiting[] = [];
  let isBusy = false;
  let closed = false;

  // One at a time: whoever comes meanwhile is in the next, and connections are left to those who follow the log.
  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxLookUpsAtOnce);
      waiting = waiting.slice(maxLookUpsAtOnce);
      const readAt = now();
      try {
        const found = await readTwice(keysOf(batch));
        settle(batch, found, readAt, now());
      } catch (cause) {
        const error = translateStorageError(cause);
        // What does not answer would let each wait as long again.
        const failed = error.reason === "STORAGE_UNAVAILABLE" ? [...batch, ...waiting] : batch;
        if (failed !== batch) waiting = [];
        for (const { reject } of failed) reject(error);
      }
    }
    // Here and not when the promise is settled: whoever asks in between would be served by nobody.
    isBusy = false;
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
    lookUp: (keys) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(stopped());
        waiting.push({ keys, resolve, reject });
        if (isBusy) return undefined;
        isBusy = true;
        // After what else came in with this turn of the event loop.
        return void setImmediate(() => void work());
      }),
    isLoaded: () => waiting.length >= loadedLookUps,
    isFull: () => waiting.length >= maxWaitingLookUps,
    close: () => {
      closed = true;
      for (const { reject } of waiting) reject(stopped());
      waiting = [];
    },
  };
}

function keysOf(batch: readonly Waiting[]): CredentialKeys {
  return {
    ids: [...new Set(batch.flatMap(({ keys }) => ("id" in keys ? [keys.id] : [])))],
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
