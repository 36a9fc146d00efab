import type { CredentialRecord } from "../domain/credential/subject.ts";
import { finalTaskStates } from "../domain/credential/task-states.ts";

/** For how many milliseconds an answer may be kept. */
export interface CacheTimes {
  readonly alone: number;
  /** While WatchRevocations tells nothing else. */
  readonly watching: number;
}

/** The longest, and what it mostly is. */
export const usualTimes: CacheTimes = { alone: 2_000, watching: 30_000 };

/**
 * For how long others may keep the answer that a credential is good for `use`: never beyond the instant at which time alone makes it
 * another one. `now` is of the database's clock.
 */
export function cacheTimes(
  record: CredentialRecord,
  use: "all" | "report",
  now: number,
): CacheTimes {
  const left = Math.max(0, Math.floor(endOf(record, use, now) - now));
  return {
    alone: Math.min(usualTimes.alone, left),
    watching: Math.min(usualTimes.watching, left),
  };
}

function endOf(
  { expiresAt, subject }: CredentialRecord,
  use: "all" | "report",
  now: number,
): number {
  if (subject.kind !== "task") return expiresAt;
  const { deadline, heldUntil, reportUntil, state } = subject;
  if (use === "all") return Math.min(expiresAt, deadline, heldUntil);
  // A task that is to stop is told of as one until its time is over, or nobody holds it.
  if (state === "canceling") return Math.min(expiresAt, reportUntil, deadline, heldUntil);
  // Its deadline ends its state as well, which is told with the answer.
  const isOver = finalTaskStates.has(state) || now >= deadline;
  return Math.min(expiresAt, reportUntil, isOver ? Infinity : deadline);
}
