import { retryDelayOf } from "../client/error-info.ts";
import { CliError } from "./cli-error.ts";

/** When a server does not say. */
const usualMs = 60_000;

/** As long as a gate stays closed by itself. */
const longestMs = 10 * 60_000;

/**
 * After how many milliseconds a method that an operator keeps closed is to be called again, and not before; undefined: it is another
 * error.
 */
export function closedGateMs(error: unknown): number | undefined {
  if (!(error instanceof CliError) || error.reason !== "GATE_CLOSED") return undefined;
  return Math.min(retryDelayOf(error.cause) ?? usualMs, longestMs);
}
