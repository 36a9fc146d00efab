import type { KeyObject } from "node:crypto";
import type { JwtAlgorithm } from "./jwt-issuer.ts";
import { findKey, type KeySet } from "./key-set.ts";

/** When keys are loaded. Times are in milliseconds. */
export interface KeyTiming {
  /** How old keys may get before they are loaded again, while they stay in use. */
  readonly maxAgeMs: number;
  /** The least time between two loads while there are keys, however many tokens name unknown ones. */
  readonly refreshGapMs: number;
  /** The least time between two loads while there are no keys. */
  readonly retryGapMs: number;
  /** How long keys are used when loading them fails. */
  readonly graceMs: number;
  /** How long one load may take. */
  readonly loadMs: number;
}

/** What the cache works with. */
export interface KeyCacheDeps {
  /** Loads the keys; should end when the signal says so, and is not waited for then. */
  readonly load: (signal: AbortSignal) => Promise<KeySet>;
  readonly timing: KeyTiming;
  /** A clock that only runs forward, in ms. */
  readonly monotonic: () => number;
  /** Told about the end of every load. */
  readonly onLoad: (loaded: KeySet | Error) => void;
}

/** How many wait for a load of one issuer; for what more there are its keys are not known. */
export const maxWaiting = 1000;

/** The keys of one issuer in memory. */
export interface KeyCache {
  /**
   * The one key that fits; loads keys first when there are none or none fits, unless that was tried too short a
   * time ago. "none": no key of the issuer fits. "unknown": its keys are not known, or too many wait for them.
   */
  find(algorithm: JwtAlgorithm, kid: string | undefined): Promise<KeyObject | "none" | "unknown">;
  /** Milliseconds since the keys were last loaded; undefined: never. */
  ageMs(): number | undefined;
  /** Ends a load under way. */
  close(): void;
}

/** Creates an empty cache. At most one load is under way at a time, which all who need it wait for. */
export function createKeyCache({ load, timing, monotonic, onLoad }: KeyCacheDeps): KeyCache {
  const closing = new AbortController();
  let keys: KeySet | undefined;
  let loadedAt = 0;
  let triedAt = -Infinity;
  let loading: Promise<void> | undefined;
  let waiting = 0;

  async function loadOnce(): Promise<void> {
    const timeout = AbortSignal.timeout(timing.loadMs);
    const signal = AbortSignal.any([timeout, closing.signal]);
    try {
      // Whatever a host makes of a request, nobody waits longer than that.
      keys = await Promise.race([load(signal), endOf(signal)]);
      loadedAt = monotonic();
      onLoad(keys);
    } catch (error) {
      const late = new Error(`there was no answer within ${timing.loadMs} ms`);
      if (!closing.signal.aborted) onLoad(timeout.aborted ? late : asError(error));
    } finally {
      loading = undefined;
    }
  }

  /** The load under way, or a new one if the last is `gapMs` ago; undefined: it is too early for one. */
  function refresh(gapMs: number): Promise<void> | undefined {
    if (loading !== undefined || closing.signal.aborted) return loading;
    const now = monotonic();
    if (now - triedAt < gapMs) return undefined;
    triedAt = now;
    loading = loadOnce();
    return loading;
  }

  /** Waits for a refresh; false: too many wait for one already. */
  async function waitFor(gapMs: number): Promise<boolean> {
    const load = refresh(gapMs);
    if (load === undefined) return true;
    if (waiting >= maxWaiting) return false;
    waiting += 1;
    try {
      await load;
    } finally {
      waiting -= 1;
    }
    return true;
  }

  function usable(): KeySet | undefined {
    return monotonic() - loadedAt < timing.graceMs ? keys : undefined;
  }

  return {
    async find(algorithm, kid) {
      let known = usable();
      if (known === undefined) {
        await waitFor(timing.retryGapMs);
        known = usable();
        if (known === undefined) return "unknown";
      } else if (monotonic() - loadedAt >= timing.maxAgeMs) {
        // Nobody waits for this one: the keys at hand are good.
        void refresh(timing.refreshGapMs);
      }
      const key = findKey(known, algorithm, kid);
      if (key !== undefined) return key;
      if (!(await waitFor(timing.refreshGapMs))) return "unknown";
      return findKey(usable() ?? known, algorithm, kid) ?? "none";
    },
    ageMs: () => (keys === undefined ? undefined : monotonic() - loadedAt),
    close: () => closing.abort(),
  };
}

function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(new Error("the load was ended"));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
