import { lostAnswerMs } from "../domain/credential/lost-answer.ts";

/** When methods were closed, as far as it matters to who lost an answer of theirs. Times are milliseconds of one clock. */
export interface ClosedTime {
  /** They are closed from one time until another, as far as is known now: whatever was said before of the time after `now` is void. */
  readonly closed: (now: number, from: number, until: number) => void;
  readonly open: (now: number) => void;
  /**
   * How long ago a call may be whose answer was lost: as long as usual, and while they were closed, and until whoever was sent away then
   * can be back, the time stands still.
   */
  readonly lostAnswerMs: (now: number) => number;
}

/** Knows of no time when they were closed. `backAfterMs`: when whoever was sent away has come back at the latest. */
export function createClosedTime(backAfterMs: number): ClosedTime {
  // The last one is enough: two between which nobody had the usual time count as one.
  let last = { from: -Infinity, until: -Infinity };

  const open = (now: number): void => {
    last.until = Math.min(last.until, now);
  };

  return {
    open,
    closed: (now, from, until) => {
      open(now);
      const isApart = from >= last.until + backAfterMs + lostAnswerMs;
      last = { from: isApart ? from : Math.min(last.from, from), until };
    },
    lostAnswerMs: (now) => {
      const openMs = Math.max(0, now - last.until - backAfterMs);
      return openMs >= lostAnswerMs ? lostAnswerMs : now - last.from + lostAnswerMs - openMs;
    },
  };
}
