import { DomainError, type Reason } from "../domain/errors.ts";
import { isConnectionFault } from "./connection-error.ts";

const messages = {
  STORAGE_UNAVAILABLE: "the database does not answer",
  WRITE_CONFLICT: "other writes got in the way; try again",
  INTERNAL_FAULT: "internal error",
} as const satisfies Partial<Record<Reason, string>>;

/**
 * The DomainError for whatever a query, a transaction or a connection threw: STORAGE_UNAVAILABLE,
 * WRITE_CONFLICT or INTERNAL_FAULT, in constant words. The original is its `cause`, for the log only. A
 * DomainError stays what it is.
 */
export function translateStorageError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const reason = isConnectionFault(error) ? "STORAGE_UNAVAILABLE" : reasonOf(sqlState(error));
  return new DomainError(reason, messages[reason], {}, { cause: error });
}

/** Whether the transaction failed only because of others that ran beside it. */
export function isRetryable(error: unknown): boolean {
  return reasonOf(sqlState(error)) === "WRITE_CONFLICT";
}

/** The SQLSTATE of an error of the database, or undefined. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined;
}

// What does not depend on the class alone.
const reasonsByState: ReadonlyMap<string, keyof typeof messages> = new Map([
  ["25006", "STORAGE_UNAVAILABLE"], // a standby that is not (yet) the primary
  ["25P03", "STORAGE_UNAVAILABLE"], // idle_in_transaction_session_timeout
  ["25P04", "STORAGE_UNAVAILABLE"], // transaction_timeout
  ["40001", "WRITE_CONFLICT"], // serialization_failure
  ["40003", "STORAGE_UNAVAILABLE"], // statement_completion_unknown
  ["40P01", "WRITE_CONFLICT"], // deadlock_detected
  ["55P03", "WRITE_CONFLICT"], // lock_not_available
]);

const unavailableClasses: ReadonlySet<string> = new Set([
  "08", // connection exception
  "28", // invalid authorization: only while connecting
  "3D", // no such database: only while connecting
  "53", // insufficient resources
  "57", // operator intervention: shutdown, crash, start-up, cancelled, timed out
]);

function reasonOf(state: string | undefined): keyof typeof messages {
  if (state === undefined) return "INTERNAL_FAULT";
  const reason = reasonsByState.get(state);
  if (reason !== undefined) return reason;
  return unavailableClasses.has(state.slice(0, 2)) ? "STORAGE_UNAVAILABLE" : "INTERNAL_FAULT";
}
