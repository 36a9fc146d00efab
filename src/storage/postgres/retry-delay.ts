import { sqlState } from "../errors.ts";

/** The longest wait between two attempts, in milliseconds. */
export const maxRetryMs = 2_000;

/** The wait where the database cannot do at all what it is asked. */
export const unsupportedRetryMs = 60_000;

/** What databases and poolers say that have no LISTEN: a feature that is not there, or a syntax error. */
const unsupportedStates: ReadonlySet<string | undefined> = new Set(["0A000", "42601"]);

/**
 * How many milliseconds to wait after so many failures in a row, the newest of which had this reason: none
 * after the first; later ones grow, and differ between processes that lost the same server.
 */
export function retryDelayMs(failures: number, reason: unknown): number {
  if (unsupportedStates.has(sqlState(reason))) return unsupportedRetryMs;
  if (failures <= 1) return 0;
  return Math.min(maxRetryMs, 50 * 2 ** failures) * (0.5 + Math.random() / 2);
}
