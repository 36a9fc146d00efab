import type { OutgoingHttpHeaders } from "node:http2";
import type { DescMethodUnary, MessageShape, DescMessage } from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import { requestHeader } from "@connectrpc/connect/protocol-connect";
import type { MakeAttempt } from "../attempt.ts";
import { wantsCompression } from "../call-policy.ts";
import type { EndpointSession } from "../endpoint-session.ts";
import { exchange } from "./exchange.ts";
import { codecOf } from "./method-codec.ts";
import { compressions, readBody, readHead } from "./read-answer.ts";
import { splitTrailers, type AnswerHeaders, type WebHeaders } from "./web-headers.ts";

/** What every request has, whatever the caller adds. */
const fixed: OutgoingHttpHeaders = {
  ":method": "POST",
  ...Object.fromEntries(requestHeader("unary", true, undefined, {}, true)),
};
const acceptEncoding = compressions.map(({ name }) => name).join(",");

/**
 * Makes attempts without the transport of connect: one stream, one timer, no signal but the caller's, and
 * headers of the answer only for who asks for them. It speaks the Connect protocol in binary as that transport
 * does; answers of more than `readMaxBytes` are RESOURCE_EXHAUSTED. Everything that is not an ordinary answer is read by connect's own functions.
 */
export function createLeanAttempt(
  url: URL,
  session: EndpointSession,
  readMaxBytes: number,
): MakeAttempt {
  const prefix = url.pathname.replace(/\/$/, "");
  return async ({ method, input, header, token, timeoutMs, scope }) => {
    const codec = codecOf(method);
    const headers: OutgoingHttpHeaders = { ...fixed, ":path": prefix + codec.path };
    if (header !== undefined) addCallers(headers, header);
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    if (timeoutMs !== undefined) headers["connect-timeout-ms"] = String(timeoutMs);
    if (wantsCompression(method)) headers["accept-encoding"] = acceptEncoding;
    const body = codec.encode(input);
    const answer = await exchange(session, {
      headers,
      body,
      timeoutMs,
      signal: scope.caller,
      readMaxBytes,
      readHead,
    });
    const { head } = answer;
    const bytes =
      head.kind === "message" ? answer.body : await readBody(head, answer.body, readMaxBytes);
    return toResponse(method, codec.decode(bytes), head.headers);
  };
}

/** What the caller cannot set. */
const own: ReadonlySet<string> = new Set([
  "content-type",
  "connect-protocol-version",
  "content-encoding",
  "accept-encoding",
]);

function addCallers(headers: OutgoingHttpHeaders, callers: Headers): void {
  for (const [name, value] of callers) {
    if (own.has(name)) continue;
    // The only header that comes more than once.
    if (name === "set-cookie") headers[name] = callers.getSetCookie();
    else headers[name] = value;
  }
}

function toResponse<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  message: MessageShape<O>,
  headers: AnswerHeaders,
): UnaryResponse<I, O> {
  let web: WebHeaders | undefined;
  const open = (): WebHeaders => (web ??= splitTrailers(headers));
  return {
    stream: false,
    service: method.parent,
    method,
    message,
    get header() {
      return open().header;
    },
    get trailer() {
      return open().trailer;
    },
  };
}
