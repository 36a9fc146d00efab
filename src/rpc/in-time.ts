/** How patient one is with who sends messages, in milliseconds. */
export interface Patience {
  /** The longest wait for one message. */
  readonly idleMs: number;
  /** The longest time for all of them. */
  readonly allMs: number;
}

/**
 * The messages as they come, as long as they come in time; else throws what `late` makes of the limit that was passed.
 * Only the time in which a message is waited for counts as idle.
 */
export async function* inTime<T>(
  messages: AsyncIterable<T>,
  patience: Patience,
  late: (limit: keyof Patience) => Error,
): AsyncGenerator<T> {
  const iterator = messages[Symbol.asyncIterator]();
  const end = performance.now() + patience.allMs;
  let ended = false;
  try {
    for (;;) {
      const left = end - performance.now();
      // Messages that are all at hand would never let a timer run out.
      if (left <= 0) throw late("allMs");
      const limit = left < patience.idleMs ? "allMs" : "idleMs";
      const next = await within(Math.min(left, patience.idleMs), iterator.next(), () =>
        late(limit),
      );
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Not awaited: it may take as long as the message that did not come.
    if (!ended) void iterator.return?.().catch(() => undefined);
  }
}

// Not Promise.race with one promise for all: that would keep something of each message.
function within<T>(ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
