import { Code, ConnectError } from "@connectrpc/connect";
import type { Status } from "../gen/google/rpc/status_pb.ts";

/**
 * The error that the single call would have thrown, from the `status` of an outcome of BatchCheck or of
 * Explain; undefined: permitted. An absent status is an error too: nothing says that it was permitted.
 */
export function fromStatus(status: Status | undefined): ConnectError | undefined {
  if (status === undefined) return new ConnectError("the outcome has no status", Code.Unknown);
  if (status.code === 0) return undefined;
  const error = new ConnectError(status.message, isCode(status.code) ? status.code : Code.Unknown);
  error.details = status.details.map(({ typeUrl, value }) => ({
    type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
    value,
  }));
  return error;
}

function isCode(code: number): code is Code {
  return code >= 1 && code <= 16;
}
