import { DomainError } from "../domain/errors.ts";

/** Work that is done one piece after another, in the order in which it was asked for. */
export interface Turns {
  /**
   * Does the work when its turn comes, and gives what came of it. Once the signal has aborted, work that was not
   * begun never is: it leaves the queue at once, with whyOver. Work that was begun goes on to its end. Fails with
   * the error of createTurns when there is too much already.
   */
  readonly take: <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
}

/** Creates an empty queue that holds at most `max` pieces of work, that which is under way included. */
export function createTurns(max: number, tooMany: () => Error): Turns {
  // In the order in which they came; who leaves goes from any place at no cost.
  const waiting = new Set<() => void>();
  let busy = false;

  /** Waits for the turn. Fails with whyOver when the signal aborts before it comes. */
  async function wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const begin = (): void => {
      waiting.delete(begin);
      resolve(undefined);
    };
    const leave = (): void => {
      if (waiting.delete(begin) && signal !== undefined) reject(whyOver(signal));
    };
    waiting.add(begin);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  function passOn(): void {
    const [next] = waiting;
    if (next === undefined) busy = false;
    else next();
  }

  return {
    take: async (work, signal) => {
      refuseOver(signal);
      if (busy) {
        if (waiting.size + 1 >= max) throw tooMany();
        await wait(signal);
      }
      busy = true;
      try {
        // The signal may have aborted just after the turn came.
        refuseOver(signal);
        return await work();
      } finally {
        passOn();
      }
    },
  };
}

function refuseOver(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw whyOver(signal);
}

/**
 * What a call fails with that was over before its work was begun: the reason of its signal, or STORAGE_UNAVAILABLE when
 * that has none, as when the process stops.
 */
export function whyOver(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  if (!(reason instanceof DOMException && reason.name === "AbortError")) return reason;
  const message = "the call was over before its turn came; nothing was done";
  return new DomainError("STORAGE_UNAVAILABLE", message, {}, { cause: reason });
}
