import { ConnectError } from "@connectrpc/connect";
import { DomainError } from "../../domain/errors.ts";
import { stateAt, type StateAtDeps } from "../../replica/state-at.ts";
import type { ReplicaState } from "../../replica/state.ts";

/**
 * The state of an exact revision, or why there is none (REVISION_NOT_RETAINED). Throws FRESHNESS_NOT_REACHED when
 * that cannot be found out, and what the call ended with when it is over before.
 */
export async function findEarlierState(
  deps: StateAtDeps,
  revision: bigint,
  signal: AbortSignal,
): Promise<ReplicaState | DomainError> {
  try {
    return await unlessAborted(stateAt({ ...deps, signal }, revision), signal);
  } catch (cause) {
    if (cause instanceof DomainError && cause.reason === "REVISION_NOT_RETAINED") return cause;
    throw notReached(cause, signal);
  }
}

/** What a call fails with whose freshness was not reached because of `cause`. */
export function notReached(cause: unknown, signal: AbortSignal): Error {
  // The call is over, by its deadline or because its sender went away.
  if (signal.aborted && signal.reason instanceof ConnectError) return signal.reason;
  return new DomainError("FRESHNESS_NOT_REACHED", "", {}, { cause });
}

/** Waits for a promise until the signal aborts. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error("the call is over", { cause: signal.reason }));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}
