import { Code, ConnectError } from "@connectrpc/connect";
import { reasonOf } from "./error-info.ts";

/** A denial of Fleetgate. */
export type Denial = ConnectError & { readonly code: Code.PermissionDenied };

/** The constant INTERNAL of AclService. */
export type ConstantInternal = ConnectError & { readonly code: Code.Internal };

/** An error that is worth another try. */
export type Unavailable =
  ConstantInternal | (ConnectError & { readonly code: Code.Unavailable | Code.Unknown });

/**
 * Whether Fleetgate made the check and the answer is no. The 403 of a proxy is no denial, nor is the
 * refusal of a method for which the peer lacks a group (`GROUP_REQUIRED`).
 */
export function isDenied(error: unknown): error is Denial {
  return (
    error instanceof ConnectError &&
    error.code === Code.PermissionDenied &&
    reasonOf(error) === "PERMISSION_DENIED"
  );
}

/**
 * Whether it could not be answered now and is worth another try: UNAVAILABLE, a connection that failed
 * among it, or the constant INTERNAL of AclService.
 */
export function isUnavailable(error: unknown): error is Unavailable {
  return (
    isConstantInternal(error) ||
    (error instanceof ConnectError && (error.code === Code.Unavailable || isFailedFetch(error)))
  );
}

/** Whether AclService says that the check could not be made. */
export function isConstantInternal(error: unknown): error is ConstantInternal {
  if (!(error instanceof ConnectError) || error.code !== Code.Internal) return false;
  const reason = reasonOf(error);
  return reason === "CHECK_UNAVAILABLE" || reason === "FRESHNESS_NOT_REACHED";
}

/** What `fetch` throws when there is no connection is a TypeError, to which connect gives no code. */
function isFailedFetch(error: ConnectError): boolean {
  return error.code === Code.Unknown && error.cause instanceof TypeError;
}
