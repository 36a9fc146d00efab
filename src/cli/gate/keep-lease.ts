import { CliError } from "../cli-error.ts";

/** The lease of a gate, and what its keeper does with it. */
export interface LeaseCalls {
  readonly renew: () => Promise<unknown>;
  /** Acquires it anew once it was lost. */
  readonly acquire: () => Promise<unknown>;
}

/** What a keeper tells. */
export interface LeaseEvents {
  /** It could not be renewed, which is tried again; told once until it works again. */
  readonly onFailure: (error: unknown) => void;
  /** It ran out, or may have: others may not be kept away any more. Told once until `onRegained`. */
  readonly onLost: (error: unknown) => void;
  readonly onRegained: () => void;
}

/** The time as a keeper knows it. */
export interface LeaseClock {
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** For how long a gate is held without being renewed, in milliseconds. */
export const leaseMs = 60_000;

// How often it is renewed: two renewals may fail.
const renewMs = leaseMs / 3;

/** When a renewal that failed is tried again. */
export const retryMs = 2_000;

/**
 * Keeps a lease that was asked for at `askedAt`, until the signal is aborted. One that was lost is acquired anew as soon as that is
 * possible: what has not happened yet is better off behind a closed gate. Never rejects.
 */
export async function keepLease(
  { renew, acquire }: LeaseCalls,
  events: LeaseEvents,
  { now, sleep }: LeaseClock,
  askedAt: number,
  signal: AbortSignal,
): Promise<void> {
  let endsAt = askedAt + leaseMs;
  let state: "held" | "failing" | "lost" = "held";
  while (!signal.aborted) {
    await sleep(state === "held" ? renewMs : retryMs, signal);
    if (isOver(signal)) return;
    const sentAt = now();
    try {
      await (state === "lost" ? acquire() : renew());
      if (state === "lost") events.onRegained();
      endsAt = sentAt + leaseMs;
      state = "held";
    } catch (error) {
      if (isOver(signal)) return;
      if (state !== "lost" && (isGone(error) || now() >= endsAt)) {
        events.onLost(error);
        state = "lost";
      } else if (state === "held") {
        events.onFailure(error);
        state = "failing";
      }
    }
  }
}

// A function, so that it is looked at anew after each wait.
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

function isGone(error: unknown): boolean {
  return error instanceof CliError && error.reason === "NOT_FOUND";
}
