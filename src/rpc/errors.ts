import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { DomainError, type Reason } from "../domain/errors.ts";
import { withoutStack } from "../domain/without-stack.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import type { StatusSchema } from "../gen/google/rpc/status_pb.ts";
import { boundText } from "./bounded-text.ts";
import { PlainStatus } from "./status/plain-status.ts";
import {
  errorDomain,
  errorInfo,
  retryAfterHeader,
  retryAfterSeconds,
  retryInfo,
  type WireStatus,
} from "./status/wire-status.ts";

/** The status code of each reason. A reason that is missing here does not compile. */
export const codes: Readonly<Record<Reason, Code>> = {
  PERMISSION_DENIED: Code.PermissionDenied,
  CHECK_UNAVAILABLE: Code.Internal,
  FRESHNESS_NOT_REACHED: Code.Internal,
  CREDENTIAL_REQUIRED: Code.Unauthenticated,
  ON_BEHALF_OF_FORBIDDEN: Code.FailedPrecondition,
  INVALID_FIELD: Code.InvalidArgument,
  UNKNOWN_FIELD: Code.InvalidArgument,
  REVISION_TOKEN_FOREIGN: Code.FailedPrecondition,
  GROUP_REQUIRED: Code.PermissionDenied,
  STORAGE_UNAVAILABLE: Code.Unavailable,
  INTERNAL_FAULT: Code.Internal,
  CONFIG_INVALID: Code.InvalidArgument,
  ETAG_MISMATCH: Code.Aborted,
  NOT_FOUND: Code.NotFound,
  REQUEST_ID_REUSED: Code.AlreadyExists,
  SECRET_ALREADY_SHOWN: Code.FailedPrecondition,
  PAGE_TOKEN_INVALID: Code.InvalidArgument,
  LOCK_OUT: Code.FailedPrecondition,
  LIMIT_EXCEEDED: Code.ResourceExhausted,
  WRITE_CONFLICT: Code.Aborted,
  GROUP_FORBIDDEN: Code.PermissionDenied,
  GROUP_PROTECTED: Code.PermissionDenied,
  ALREADY_EXISTS: Code.AlreadyExists,
  REFERENCE_MISSING: Code.InvalidArgument,
  GROUP_CYCLE: Code.FailedPrecondition,
  IN_USE: Code.FailedPrecondition,
  MANAGED_BY_SOURCE: Code.FailedPrecondition,
  EFFECT_TOO_LARGE: Code.FailedPrecondition,
  REVISION_NOT_RETAINED: Code.FailedPrecondition,
  REVERT_CONFLICT: Code.FailedPrecondition,
  HISTORY_FORBIDDEN: Code.FailedPrecondition,
  HISTORY_NOT_ACCEPTED: Code.FailedPrecondition,
  NOT_MANAGED: Code.FailedPrecondition,
  SHOWN_CREDENTIAL_REFUSED: Code.Unauthenticated,
  TASK_NOT_ACTIVE: Code.PermissionDenied,
  SUBJECT_MISMATCH: Code.PermissionDenied,
  CREDENTIAL_LACKS_PERMISSION: Code.PermissionDenied,
  PERMISSION_REQUIRED: Code.PermissionDenied,
  ILLEGAL_TRANSITION: Code.FailedPrecondition,
  GENERATION_MOVED: Code.FailedPrecondition,
  ATTEMPTS_EXHAUSTED: Code.FailedPrecondition,
  ALREADY_FETCHED: Code.FailedPrecondition,
  HOLD_RELEASED: Code.FailedPrecondition,
  CURSOR_TOO_OLD: Code.OutOfRange,
  KEY_NOT_READY: Code.FailedPrecondition,
  TOO_MANY_ATTEMPTS: Code.ResourceExhausted,
  GATE_CLOSED: Code.ResourceExhausted,
};

/**
 * The only text that an error of these reasons ever has, whatever was thrown: it cannot tell causes apart
 * that its reader may not tell apart, and it has no metadata.
 */
const constantMessages: Partial<Readonly<Record<Reason, string>>> = {
  CHECK_UNAVAILABLE: "the check could not be made; retry",
  FRESHNESS_NOT_REACHED: "the check could not be made; retry",
  CREDENTIAL_REQUIRED: "a valid credential is required",
  ON_BEHALF_OF_FORBIDDEN: "this peer may not ask about this caller",
  SHOWN_CREDENTIAL_REFUSED: "the credential that was shown is not accepted",
  SUBJECT_MISMATCH: "the credential that was shown is another subject's",
  TOO_MANY_ATTEMPTS: "too many unknown credentials from here; retry later",
  REVISION_TOKEN_FOREIGN: "the revision token is of another database or of another history",
  STORAGE_UNAVAILABLE:
    "the database does not answer, or what the answer needs is not loaded; retry",
  INTERNAL_FAULT: "a fault of the server; its log has the cause",
  HISTORY_FORBIDDEN: "this peer may not ask about an earlier revision",
  HISTORY_NOT_ACCEPTED:
    "the database does not continue the history that this server follows; nothing is written to it",
};

const retried: ReadonlySet<Reason> = new Set([
  "CHECK_UNAVAILABLE",
  "FRESHNESS_NOT_REACHED",
  "STORAGE_UNAVAILABLE",
  "TOO_MANY_ATTEMPTS",
]);

const usualRetryMs = 1000;

const aclReasons: ReadonlySet<Reason> = new Set([
  "PERMISSION_DENIED",
  "CHECK_UNAVAILABLE",
  "FRESHNESS_NOT_REACHED",
  "CREDENTIAL_REQUIRED",
  "ON_BEHALF_OF_FORBIDDEN",
  "INVALID_FIELD",
  "UNKNOWN_FIELD",
  "REVISION_TOKEN_FOREIGN",
  "HISTORY_FORBIDDEN",
  "REVISION_NOT_RETAINED",
  "TASK_NOT_ACTIVE",
  "TOO_MANY_ATTEMPTS",
]);

// Together with base64 and percent-encoding these keep the trailers of one error under 8 KiB.
const maxMessageBytes = 1024;
const maxMetadataBytes = 768;

/** What an answer says about a call that failed, and in `cause` what only the log may know. */
export interface Failure {
  readonly reason: Reason;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** After how many milliseconds a retry may help; undefined: what is usual for the reason. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** What a thrown value comes to outside AclService: INTERNAL_FAULT unless it is a DomainError. */
export function toFailure(error: unknown): Failure {
  if (error instanceof DomainError) return error;
  return { reason: "INTERNAL_FAULT", message: "", metadata: {}, cause: error };
}

/**
 * What a thrown value comes to on AclService: whatever is not one of the answers that AclService gives
 * means that the check could not be made.
 */
export function toAclFailure(error: unknown): Failure {
  if (error instanceof DomainError && aclReasons.has(error.reason)) return error;
  return { reason: "CHECK_UNAVAILABLE", message: "", metadata: {}, cause: error };
}

/** The error that the protocols put on the wire. Its cause stays here. */
export function toConnectError(failure: Failure): ConnectError {
  const { code, message, metadata, retryMs, cause } = describe(failure);
  const info: MessageInitShape<typeof ErrorInfoSchema> = {
    reason: failure.reason,
    domain: errorDomain,
    metadata: metadata ?? {},
  };
  const details: Detail[] = [{ desc: ErrorInfoSchema, value: info }];
  if (retryMs !== undefined) {
    const retryDelay = {
      seconds: BigInt(Math.floor(retryMs / 1000)),
      nanos: (retryMs % 1000) * 1_000_000,
    };
    details.push({ desc: RetryInfoSchema, value: { retryDelay } });
  }
  const header = headerOf(failure);
  return withoutStack(() => new ConnectError(message, code, header, details, cause));
}

// What HTTP has for it, too, where the failure itself says when: proxies and plain clients know no details.
function headerOf({ retryAfterMs }: Failure): Record<string, string> | undefined {
  return retryAfterMs === undefined
    ? undefined
    : { [retryAfterHeader]: retryAfterSeconds(retryAfterMs) };
}

interface Detail {
  readonly desc: DescMessage;
  readonly value: MessageInitShape<DescMessage>;
}

/**
 * The same as a plain value, made without an error and its stack: what grpcMessage, grpcStatusDetailsBin and
 * connectErrorBody of rpc/status/wire-status.ts put on the wire for it is, to the byte, what Connect makes of
 * toConnectError(failure). Its cause, too, is for the log only.
 */
export function toWireStatus(failure: Failure): WireStatus {
  const { code, message, metadata, retryMs, cause } = describe(failure);
  const { reason, retryAfterMs } = failure;
  const info = errorInfo(reason, metadata);
  const details = retryMs === undefined ? [info] : [info, retryInfo(retryMs)];
  return { code, message, reason, details, retryAfterMs, cause };
}

/** The same as a message: what toConnectError puts on the wire, in code, message and details. */
export function toStatus(failure: Failure): PlainStatus {
  return new PlainStatus(toWireStatus(failure));
}

const good: MessageInitShape<typeof StatusSchema> = Object.freeze({ code: 0 });

/** The status of a check that is part of an answer: code 0 when it did not fail. */
export function toOutcome(failure: Failure | undefined): MessageInitShape<typeof StatusSchema> {
  return failure === undefined ? good : toStatus(failure);
}

/** What both forms of an error say. */
interface Description {
  readonly code: Code;
  readonly message: string;
  /** Undefined: none. */
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** Whole milliseconds; undefined: a retry does not help. */
  readonly retryMs: number | undefined;
  readonly cause: unknown;
}

function describe(failure: Failure): Description {
  const { reason } = failure;
  const constant = constantMessages[reason];
  const message = constant ?? boundText(failure.message, maxMessageBytes);
  return {
    code: codes[reason],
    message,
    metadata: constant === undefined ? boundMetadata(failure.metadata) : undefined,
    retryMs: failure.retryAfterMs ?? (retried.has(reason) ? usualRetryMs : undefined),
    cause: failure.cause ?? (failure.message === message ? undefined : failure.message),
  };
}

function boundMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const bounded: Record<string, string> = {};
  for (const key of Object.keys(metadata)) {
    bounded[key] = boundText(metadata[key] ?? "", maxMetadataBytes);
  }
  return bounded;
}
