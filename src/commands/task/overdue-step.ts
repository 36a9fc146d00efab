import type { CredentialDeps } from "../../credentials/deps.ts";
import { endOverdue, type OverdueCounts } from "./end-overdue.ts";

/** How often the server looks for tasks and leases that are over. */
export const overdueIntervalMs = 5_000;

/** What takes the step again and again. */
export interface OverdueStep {
  /** What this process wrote down since it began. */
  readonly counts: () => OverdueCounts;
  /** Stops the clock; resolves when the step under way is done. */
  readonly close: () => Promise<void>;
}

/**
 * Writes down every 5 seconds which tasks, leases and claims are over; one step at a time. `onFailure` hears of the first failure of a row,
 * as a database that is away fails every time.
 */
export function startOverdueStep(
  deps: Pick<CredentialDeps, "storage" | "makeKnown" | "claims">,
  onFailure: (error: unknown) => void,
  intervalMs = overdueIntervalMs,
): OverdueStep {
  let underWay: Promise<void> | undefined;
  let isFailing = false;
  let [timedOut, leasesExpired] = [0, 0];

  async function step(): Promise<void> {
    try {
      const done = await endOverdue(deps);
      timedOut += done.timedOut;
      leasesExpired += done.leasesExpired;
      isFailing = false;
    } catch (error) {
      if (!isFailing) onFailure(error);
      isFailing = true;
    } finally {
      underWay = undefined;
    }
  }

  const timer = setInterval(() => void (underWay ??= step()), intervalMs);
  timer.unref();
  return {
    counts: () => ({ timedOut, leasesExpired }),
    close: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
