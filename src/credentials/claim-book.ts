import { claimRefusals, type ClaimRefusal } from "../domain/credential/claim-states.ts";
import type { NewAuditEvent } from "../storage/credential/audit.ts";
import type { Bookkeeping } from "./bookkeeping.ts";

/** What may become of claims, as the metrics name it. */
export const claimOutcomes = [
  "opened",
  "claimed",
  "repeated",
  ...claimRefusals,
  "expired",
  "canceled",
  "failed",
  "superseded",
] as const;

/** What became of a claim. */
export type ClaimOutcome = (typeof claimOutcomes)[number];

/** The upper bounds of the buckets of how long claims waited, in seconds. */
export const waitBounds: readonly number[] = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 86_400];

/** What became of claims by this process since its start. */
export interface ClaimCounts {
  readonly outcomes: Readonly<Record<ClaimOutcome, number>>;
  /** How long those waited that were claimed: how many in each bucket, the last one for all beyond. */
  readonly waits: { readonly counts: readonly number[]; readonly sumSeconds: number };
}

/** Hears what becomes of claims, once it is committed. */
export interface ClaimBook {
  /** That became of so many claims; one unless said. */
  readonly count: (
    outcome: Exclude<ClaimOutcome, "claimed" | ClaimRefusal>,
    times?: number,
  ) => void;
  /** A token was good: the first time, after so many milliseconds, or again. */
  readonly claimed: (waitedMs: number | "again") => void;
  /** A token was refused, and what the audit says of it. */
  readonly refused: (reason: ClaimRefusal, events: readonly NewAuditEvent[]) => void;
  /** Claims have changed, here or elsewhere: who watches them looks at once. */
  readonly changed: () => void;
  /** Has a listener called at that, until the function is called that this returns. */
  readonly listen: (listener: () => void) => () => void;
  /** The claims that are watched here were read, or could not be. */
  readonly followed: (outcome: { readonly error?: unknown }) => void;
  readonly read: () => ClaimCounts;
}

/** What a book tells besides. */
export interface ClaimEvents {
  /** Watched claims cannot be read; told once until `onRecovery`. */
  readonly onFailure?: (error: unknown) => void;
  readonly onRecovery?: () => void;
}

/** Opens a book in which nothing is written. */
export function createClaimBook(
  bookkeeping: Pick<Bookkeeping, "presented">,
  { onFailure, onRecovery }: ClaimEvents = {},
): ClaimBook {
  let isLost = false;
  const listeners = new Set<() => void>();
  const outcomes = Object.fromEntries(claimOutcomes.map((name) => [name, 0])) as Record<
    ClaimOutcome,
    number
  >;
  const counts = [...waitBounds, Infinity].map(() => 0);
  let sumSeconds = 0;
  return {
    count(outcome, times = 1) {
      outcomes[outcome] += times;
    },
    claimed(waitedMs) {
      bookkeeping.presented("good", []);
      outcomes[waitedMs === "again" ? "repeated" : "claimed"] += 1;
      if (waitedMs === "again") return;
      const seconds = Math.max(0, waitedMs) / 1000;
      const bucket = waitBounds.findIndex((bound) => seconds <= bound);
      const index = bucket === -1 ? waitBounds.length : bucket;
      counts[index] = (counts[index] ?? 0) + 1;
      sumSeconds += seconds;
    },
    refused(reason, events) {
      bookkeeping.presented(reason, events);
      outcomes[reason] += 1;
    },
    changed() {
      for (const listener of listeners) listener();
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    followed(outcome) {
      const wasLost = isLost;
      isLost = "error" in outcome;
      if (isLost && !wasLost) onFailure?.(outcome.error);
      if (wasLost && !isLost) onRecovery?.();
    },
    read: () => ({ outcomes: { ...outcomes }, waits: { counts: [...counts], sumSeconds } }),
  };
}
