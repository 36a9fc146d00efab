import { withoutStack } from "./without-stack.ts";

/**
 * Every machine-readable cause of an error: the values of `fleetgate.error.v1.Reason` without their
 * prefix. A test holds this list and the contract together.
 */
export type Reason =
  | "PERMISSION_DENIED"
  | "CHECK_UNAVAILABLE"
  | "FRESHNESS_NOT_REACHED"
  | "CREDENTIAL_REQUIRED"
  | "ON_BEHALF_OF_FORBIDDEN"
  | "INVALID_FIELD"
  | "UNKNOWN_FIELD"
  | "REVISION_TOKEN_FOREIGN"
  | "GROUP_REQUIRED"
  | "STORAGE_UNAVAILABLE"
  | "INTERNAL_FAULT"
  | "CONFIG_INVALID"
  | "ETAG_MISMATCH"
  | "NOT_FOUND"
  | "REQUEST_ID_REUSED"
  | "SECRET_ALREADY_SHOWN"
  | "PAGE_TOKEN_INVALID"
  | "LOCK_OUT"
  | "LIMIT_EXCEEDED"
  | "WRITE_CONFLICT"
  | "GROUP_FORBIDDEN"
  | "GROUP_PROTECTED"
  | "ALREADY_EXISTS"
  | "REFERENCE_MISSING"
  | "GROUP_CYCLE"
  | "IN_USE"
  | "MANAGED_BY_SOURCE"
  | "EFFECT_TOO_LARGE"
  | "REVISION_NOT_RETAINED"
  | "REVERT_CONFLICT"
  | "HISTORY_FORBIDDEN"
  | "HISTORY_NOT_ACCEPTED"
  | "NOT_MANAGED"
  | "SHOWN_CREDENTIAL_REFUSED"
  | "TASK_NOT_ACTIVE"
  | "SUBJECT_MISMATCH"
  | "CREDENTIAL_LACKS_PERMISSION"
  | "PERMISSION_REQUIRED"
  | "ILLEGAL_TRANSITION"
  | "GENERATION_MOVED"
  | "ATTEMPTS_EXHAUSTED"
  | "ALREADY_FETCHED"
  | "HOLD_RELEASED"
  | "CURSOR_TOO_OLD"
  | "KEY_NOT_READY"
  | "TOO_MANY_ATTEMPTS"
  | "GATE_CLOSED";

/**
 * The only error class below the rpc floor. `message` is our own words and may be shown to the peer;
 * `metadata` repeats every dynamic part of it. What only the log may know goes into `cause`.
 */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly reason: Reason;
  readonly metadata: Readonly<Record<string, string>>;
  /** After how many milliseconds a retry may help; undefined: what is usual for the reason. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: Reason,
    message: string,
    metadata: Readonly<Record<string, string>> = {},
    options: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.reason = reason;
    this.metadata = metadata;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** An INVALID_FIELD error: `field` is the path in the request, `rule` says what a good value is. */
export function invalidField(field: string, rule: string): DomainError {
  return withoutStack(() => new DomainError("INVALID_FIELD", `${field}: ${rule}`, { field, rule }));
}
