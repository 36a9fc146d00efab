import { constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";

/**
 * What connect makes of an error of Node: ABORTED for a stream that was destroyed under the call,
 * UNAVAILABLE when nobody could be reached, else INTERNAL. The error itself is the cause.
 */
export function fromNodeError(reason: unknown): ConnectError {
  const codes = codesOf(reason);
  const code = codes.some((text) => aborted.has(text))
    ? Code.Aborted
    : codes.some((text) => unavailable.has(text))
      ? Code.Unavailable
      : Code.Internal;
  const error = ConnectError.from(reason, code);
  if (error !== reason) error.cause = reason;
  return error;
}

const aborted: ReadonlySet<string> = new Set([
  "ERR_STREAM_WRITE_AFTER_END",
  "ERR_STREAM_DESTROYED",
  "ERR_HTTP2_INVALID_STREAM",
  "ECONNRESET",
]);
const unavailable: ReadonlySet<string> = new Set([
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
]);

/** The codes of Node of an error and of what caused it. */
function codesOf(reason: unknown): readonly string[] {
  const seen = new Set<Error>();
  const codes: string[] = [];
  for (let next = reason; next instanceof Error && !seen.has(next); next = next.cause) {
    seen.add(next);
    if ("code" in next && typeof next.code === "string") codes.push(next.code);
  }
  return codes;
}

/** What it means that the server reset the stream; undefined for a code that says nothing about the call. */
export function fromResetCode(code: number): ConnectError | undefined {
  const known = resets.get(code);
  if (known === undefined) return undefined;
  const [name, meaning] = known;
  const message = `http/2 stream closed with error code ${name} (0x${code.toString(16)})`;
  return new ConnectError(message, meaning);
}

const resets: ReadonlyMap<number, readonly [name: string, code: Code]> = new Map([
  [constants.NGHTTP2_PROTOCOL_ERROR, ["PROTOCOL_ERROR", Code.Internal]],
  [constants.NGHTTP2_INTERNAL_ERROR, ["INTERNAL_ERROR", Code.Internal]],
  [constants.NGHTTP2_FLOW_CONTROL_ERROR, ["FLOW_CONTROL_ERROR", Code.Internal]],
  [constants.NGHTTP2_SETTINGS_TIMEOUT, ["SETTINGS_TIMEOUT", Code.Internal]],
  [constants.NGHTTP2_FRAME_SIZE_ERROR, ["FRAME_SIZE_ERROR", Code.Internal]],
  [constants.NGHTTP2_REFUSED_STREAM, ["REFUSED_STREAM", Code.Unavailable]],
  [constants.NGHTTP2_CANCEL, ["CANCEL", Code.Canceled]],
  [constants.NGHTTP2_COMPRESSION_ERROR, ["COMPRESSION_ERROR", Code.Internal]],
  [constants.NGHTTP2_CONNECT_ERROR, ["CONNECT_ERROR", Code.Internal]],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, ["ENHANCE_YOUR_CALM", Code.ResourceExhausted]],
  [constants.NGHTTP2_INADEQUATE_SECURITY, ["INADEQUATE_SECURITY", Code.PermissionDenied]],
  [constants.NGHTTP2_HTTP_1_1_REQUIRED, ["HTTP_1_1_REQUIRED", Code.PermissionDenied]],
]);
