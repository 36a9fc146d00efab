import { Code, ConnectError } from "@connectrpc/connect";
import { reasonOf } from "../error-info.ts";

const codesOfLostConnections: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ERR_STREAM_DESTROYED",
]);

/**
 * The error as it is, or as UNAVAILABLE when the connection broke under the call: connect says CANCELED,
 * ABORTED or INTERNAL then. Not for calls that the caller has aborted.
 */
export function nameLostConnection(error: ConnectError, origin: string): ConnectError {
  if (!isLostConnection(error)) return error;
  const message = `the connection to ${origin} was lost`;
  return new ConnectError(message, Code.Unavailable, undefined, undefined, error);
}

function isLostConnection(error: ConnectError): boolean {
  // What came over the wire is an answer.
  if (error.isWireError || reasonOf(error) !== undefined) return false;
  // A stream that was reset: nobody here did it.
  if (error.code === Code.Canceled) return true;
  if (error.code !== Code.Aborted && error.code !== Code.Internal) return false;
  const { cause } = error;
  if (!(cause instanceof Error) || !("code" in cause)) return false;
  const code = String(cause.code);
  return codesOfLostConnections.has(code) || code.startsWith("ERR_HTTP2_");
}
