import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Reason } from "../domain/errors.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import { reasonOf, retryDelayOf } from "./error-info.ts";
import { isConstantInternal, isDenied } from "./judge-error.ts";

type Details = ConnectError["details"];

const constantText = "the check could not be made; retry";
const usualDelayMs = 1000;

/**
 * What a service hands on to its own client when a call of AclService failed: a denial and the constant
 * INTERNAL as they are, code, message and details; all else, such as an own key that has expired, a
 * request that was malformed or a connection that was refused, as the same constant INTERNAL with reason
 * `CHECK_UNAVAILABLE`. No header or trailer of the call goes along. `cause` is the error itself, for the
 * log only: neither connect nor JSON serialises it.
 */
export function toCallerError(error: unknown): ConnectError {
  if (isDenied(error)) {
    const details = error.details.map((detail) =>
      // Connect keeps a rendering for people beside what it received; that is not part of the detail.
      "desc" in detail ? detail : { type: detail.type, value: detail.value },
    );
    return handOn(error.rawMessage, Code.PermissionDenied, details, error);
  }
  // Written anew, so that nothing else comes through whoever made the error.
  const reason: Reason =
    isConstantInternal(error) && reasonOf(error) === "FRESHNESS_NOT_REACHED"
      ? "FRESHNESS_NOT_REACHED"
      : "CHECK_UNAVAILABLE";
  const delayMs = isConstantInternal(error) ? retryDelayOf(error) : undefined;
  const details = constantDetails(reason, delayMs ?? usualDelayMs);
  return handOn(constantText, Code.Internal, details, error);
}

function constantDetails(reason: Reason, delayMs: number): Details {
  const info = create(ErrorInfoSchema, { reason, domain: "fleetgate" });
  const seconds = Math.floor(delayMs / 1000);
  const nanos = Math.floor((delayMs - seconds * 1000) * 1_000_000);
  const retry = create(RetryInfoSchema, { retryDelay: { seconds: BigInt(seconds), nanos } });
  return [
    { type: ErrorInfoSchema.typeName, value: toBinary(ErrorInfoSchema, info) },
    { type: RetryInfoSchema.typeName, value: toBinary(RetryInfoSchema, retry) },
  ];
}

function handOn(text: string, code: Code, details: Details, cause: unknown): ConnectError {
  const error = new ConnectError(text, code);
  error.details = details;
  Object.defineProperty(error, "cause", { value: cause, enumerable: false });
  return error;
}
