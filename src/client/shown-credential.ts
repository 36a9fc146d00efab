import { Code, ConnectError } from "@connectrpc/connect";
import { metadataOf, reasonOf } from "./error-info.ts";

/** How far a task is whose token is refused, e.g. `canceled`; empty when a newer server does not say. */
export type StoppedTaskState = string;

/**
 * How far the task is when IdentifyCaller, or a call that a task made itself, failed because the task has ended or is to stop:
 * tell the presenter to stop, with this word. Undefined: another error, or none.
 */
export function taskStopSignal(error: unknown): StoppedTaskState | undefined {
  if (!isOf(error, Code.PermissionDenied, "TASK_NOT_ACTIVE")) return undefined;
  return metadataOf(error)["task_state"] ?? "";
}

/**
 * Whether CallerService or UrlService refuses the token or the grant that the request showed: answer the presenter as one that
 * has no credential. False for the service's own credential (`CREDENTIAL_REQUIRED`), which is no fault of the presenter.
 */
export function isShownCredentialRefused(error: unknown): error is ConnectError {
  return isOf(error, Code.Unauthenticated, "SHOWN_CREDENTIAL_REFUSED");
}

/**
 * Whether the token is good, but not for this: it is another subject's than `target_subject`, or it lacks
 * `want_permission`. Answer the presenter that it is forbidden.
 */
export function isShownCredentialForbidden(error: unknown): error is ConnectError {
  return (
    isOf(error, Code.PermissionDenied, "SUBJECT_MISMATCH") ||
    isOf(error, Code.PermissionDenied, "CREDENTIAL_LACKS_PERMISSION")
  );
}

function isOf(error: unknown, code: Code, reason: string): error is ConnectError {
  return error instanceof ConnectError && error.code === code && reasonOf(error) === reason;
}
