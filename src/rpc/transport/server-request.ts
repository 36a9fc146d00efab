import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { kCall, type Call } from "../call.ts";
import { readBody } from "./read-body.ts";

/** A request as Node hands it to a listener, over HTTP/1.1 or HTTP/2. */
export type ServerRequest = IncomingMessage | Http2ServerRequest;

/** The response that belongs to a ServerRequest. */
export type ServerResponseOf = ServerResponse | Http2ServerResponse;

// Handlers never see these: the credential is in the call, and nothing else may be proven by a header.
const withheld: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);

/**
 * The request in the form that Connect's handlers take, its messages of at most `maxBytes`. The authority is a constant: nothing depends on
 * what the client calls us, and a malformed one must not end the process. Throws a TypeError for a header
 * that fetch would not allow.
 */
export function toUniversalRequest(
  request: ServerRequest,
  response: ServerResponseOf,
  call: Call,
  maxBytes: number,
): UniversalServerRequest {
  const controller = new AbortController();
  // "close" comes at the end of every response; after an ordinary end nobody listens any more.
  response.once("close", () => {
    controller.abort(new ConnectError("the peer went away", Code.Canceled));
  });
  return {
    httpVersion: request.httpVersion,
    method: request.method ?? "",
    url: `http://fleetgate.invalid${request.url ?? ""}`,
    header: readHeaders(request, maxBytes),
    body: readBody(request, maxBytes),
    signal: controller.signal,
    contextValues: createContextValues().set(kCall, call),
  };
}

/** The connection that a request came through: always the same object for the same connection. */
export function connectionOf(request: ServerRequest): object {
  if (!("stream" in request)) return request.socket;
  // A stream that is over has no session any more, and counts as a connection of its own.
  return request.stream.session ?? request.stream;
}

function readHeaders(request: ServerRequest, maxBytes: number): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name.startsWith(":") || withheld.has(name)) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  // Connect sets as much memory aside as is promised before a byte has come, so it sees only a promise that
  // it refuses. Node holds bodies to what they promise.
  if (!(Number(headers.get("content-length")) > maxBytes)) headers.delete("content-length");
  return headers;
}
