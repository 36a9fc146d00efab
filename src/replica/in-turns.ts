import type { Steps } from "../domain/steps.ts";

/** How work is done in turns. */
export interface TurnOptions {
  /** Milliseconds; unless given, sliceMs. */
  readonly slice?: number;
  /** Aborts when nobody wants the result any more. */
  readonly signal?: AbortSignal | undefined;
}

/** How long work goes on at one go before others have their turn, in milliseconds. */
export const sliceMs = 5;

/**
 * Does work in pieces: whenever it has gone on for `slice` milliseconds, everything else that waits for the event
 * loop has its turn. However many do work like this, one of them has a slice between two turns of the loop. Work that
 * takes less is done at once. Throws what the work throws, and the reason of the signal once that has aborted.
 */
export async function runInTurns<T>(
  work: Steps<T>,
  { slice = sliceMs, signal }: TurnOptions = {},
): Promise<T> {
  let end = performance.now() + slice;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() < end) continue;
    await nextTurn();
    signal?.throwIfAborted();
    end = performance.now() + slice;
  }
}

const waiting: (() => void)[] = [];

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(serve);
  });
}

function serve(): void {
  waiting.shift()?.();
  // Who goes on and waits again is behind those who wait now.
  if (waiting.length > 0) setImmediate(serve);
}
