import { DomainError } from "../domain/errors.ts";
import type { Storage } from "../storage/database.ts";
import { createTurns, whyOver, type Turns } from "../storage/turns.ts";
import type { ReplicaState } from "./state.ts";

/** How many states that were rebuilt are remembered, */
export const maxRebuilt = 4;

/** and for how many milliseconds: what was erased from the log meanwhile must not stay for long. */
export const rebuiltMs = 60_000;

/** How many states may wait at once to be rebuilt, or be under way: whoever asks for more would wait for all of these. */
export const maxRebuilds = 16;

/** Rebuilds a state; nobody wants it any more once the signal aborts. */
export type Rebuild = (signal: AbortSignal) => Promise<ReplicaState>;

/** A state that is being rebuilt, or was. */
interface Shared {
  readonly state: Promise<ReplicaState>;
  /** Aborts when nobody waits any more. */
  readonly over: AbortController;
  /** How many wait. */
  waiting: number;
  done: boolean;
}

/** What of a storage is rebuilt and remembered, by key; what was asked for last comes last. */
interface Rebuilds {
  readonly turns: Turns;
  readonly byKey: Map<string, Shared>;
}

const rebuildsByStorage = new WeakMap<Storage, Rebuilds>();

/**
 * The state of a key: one that is remembered or under way, else it is rebuilt when its turn comes, one at a time. What
 * nobody waits for any more, by the signals, is dropped. Fails as `rebuild` does, with LIMIT_EXCEEDED (`rebuilds`) and
 * with whyOver.
 */
export async function shareRebuild(
  storage: Storage,
  key: string,
  rebuild: Rebuild,
  signal?: AbortSignal,
): Promise<ReplicaState> {
  if (signal?.aborted === true) throw whyOver(signal);
  let rebuilds = rebuildsByStorage.get(storage);
  if (rebuilds === undefined) {
    rebuilds = { turns: createTurns(maxRebuilds, tooManyRebuilds), byKey: new Map() };
    rebuildsByStorage.set(storage, rebuilds);
  }
  const { byKey } = rebuilds;
  const shared = byKey.get(key) ?? begin(rebuilds, key, rebuild);
  return wait(shared, signal, () => {
    // Whoever comes from now on must not wait for what is dropped.
    if (byKey.get(key) === shared) byKey.delete(key);
    shared.over.abort();
  });
}

function begin({ turns, byKey }: Rebuilds, key: string, rebuild: Rebuild): Shared {
  const over = new AbortController();
  const { signal } = over;
  const state = turns.take(() => rebuild(signal), signal);
  const shared: Shared = { state, over, waiting: 0, done: false };
  const forget = (): void => {
    if (byKey.get(key) === shared) byKey.delete(key);
  };
  byKey.set(key, shared);
  state.then(() => {
    shared.done = true;
    setTimeout(forget, rebuiltMs).unref();
    forgetOldest(byKey);
  }, forget);
  return shared;
}

function forgetOldest(byKey: Map<string, Shared>): void {
  const done = [...byKey].filter(([, shared]) => shared.done);
  for (const [key] of done.slice(0, -maxRebuilt)) byKey.delete(key);
}

async function wait(
  shared: Shared,
  signal: AbortSignal | undefined,
  drop: () => void,
): Promise<ReplicaState> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = (): void => {
    if (signal !== undefined) reject(whyOver(signal));
  };
  signal?.addEventListener("abort", leave, { once: true });
  shared.waiting += 1;
  try {
    return await Promise.race([shared.state, left]);
  } finally {
    signal?.removeEventListener("abort", leave);
    shared.waiting -= 1;
    if (shared.waiting === 0 && !shared.done) drop();
  }
}

function tooManyRebuilds(): DomainError {
  return new DomainError(
    "LIMIT_EXCEEDED",
    `${maxRebuilds} earlier states are being rebuilt already; retry`,
    { limit: "rebuilds" },
  );
}
