import { Code, ConnectError } from "@connectrpc/connect";

/** What a transport takes as headers; the global of that name is one of browsers. */
export type HeadersInit = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** The time that a call has, over all its attempts. */
export interface Scope {
  /** Aborted at the deadline, or as soon as one of the parents is. */
  readonly signal: AbortSignal;
  /** Whether the deadline has passed. */
  readonly isOver: () => boolean;
  /** The milliseconds that are left; infinite without a deadline. */
  readonly leftMs: () => number;
  /** Lets go of timer and parents. */
  readonly end: () => void;
}

/** Opens the scope of a call. Without `timeoutMs` it has no deadline. */
export function openScope(parents: readonly AbortSignal[], timeoutMs: number | undefined): Scope {
  const controller = new AbortController();
  const endsAt = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
  let isOver = false;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          isOver = true;
          controller.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
        }, timeoutMs);
  const follow = (event: { readonly target: EventTarget | null }): void => {
    controller.abort((event.target as AbortSignal | null)?.reason);
  };
  for (const parent of parents) {
    if (parent.aborted) follow({ target: parent });
    parent.addEventListener("abort", follow, { once: true });
  }
  return {
    signal: controller.signal,
    isOver: () => isOver,
    leftMs: () => endsAt - performance.now(),
    end: () => {
      clearTimeout(timer);
      for (const parent of parents) parent.removeEventListener("abort", follow);
    },
  };
}

/** Waits for a promise, but no longer than until the signal is aborted. */
export async function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  if (signal.aborted) {
    // A failure that nobody waits for would end the process.
    promise.catch(() => undefined);
    throw signal.reason;
  }
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever the caller aborted with
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
