import { Code, ConnectError } from "@connectrpc/connect";

/** What a transport takes as headers; the global of that name is one of browsers. */
export type HeadersInit = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** The time that a call has, over all its attempts, and who may end it. */
export interface Scope {
  /** What the caller ends the call with. */
  readonly caller: AbortSignal | undefined;
  /** The signal that has ended the call: the caller's or that of the client; not the deadline. */
  readonly aborted: () => AbortSignal | undefined;
  /** Whether the deadline has ended {@link Scope.signal}. */
  readonly isOver: () => boolean;
  /** The milliseconds that are left; infinite without a deadline, less than 0 after it. */
  readonly leftMs: () => number;
  /**
   * Aborted at the deadline, or as soon as the caller's or the client's signal is. It is made when it is first
   * asked for: a signal costs more than a call that goes well.
   */
  readonly signal: () => AbortSignal;
  /** Lets go of timer and signals. */
  readonly end: () => void;
}

/** Opens the scope of a call. Without `timeoutMs` it has no deadline. `closed` is aborted with the client. */
export function openScope(
  closed: AbortSignal,
  caller: AbortSignal | undefined,
  timeoutMs: number | undefined,
): Scope {
  const endsAt = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
  let linked: LinkedSignal | undefined;
  const leftMs = (): number => endsAt - performance.now();
  return {
    caller,
    aborted: () => (closed.aborted ? closed : caller?.aborted === true ? caller : undefined),
    isOver: () => linked?.isOver() === true,
    leftMs,
    signal: () => {
      linked ??= link(caller === undefined ? [closed] : [closed, caller], leftMs());
      return linked.signal;
    },
    end: () => linked?.end(),
  };
}

interface LinkedSignal {
  readonly signal: AbortSignal;
  readonly isOver: () => boolean;
  readonly end: () => void;
}

function link(parents: readonly AbortSignal[], leftMs: number): LinkedSignal {
  const controller = new AbortController();
  let isOver = false;
  const timer =
    leftMs === Infinity
      ? undefined
      : setTimeout(() => {
          isOver = true;
          controller.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
        }, leftMs);
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
