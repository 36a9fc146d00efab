import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import type { Call } from "../call.ts";
import { readBody } from "./read-body.ts";
import { universalRequest } from "./universal-request.ts";

/** A request as Node hands it to a listener, over HTTP/1.1 or HTTP/2. */
export type ServerRequest = IncomingMessage | Http2ServerRequest;

/** The response that belongs to a ServerRequest. */
export type ServerResponseOf = ServerResponse | Http2ServerResponse;

/** What tells the connection that a request came through: its socket, or its stream. */
export type Arrival = Pick<IncomingMessage, "socket"> | Pick<Http2ServerRequest, "stream">;

/** The request in the form that Connect's handlers take. Throws as universalRequest does. */
export function toUniversalRequest(
  request: ServerRequest,
  response: ServerResponseOf,
  call: Call,
  maxBytes: number,
): UniversalServerRequest {
  const { httpVersion, method = "", url = "", headers } = request;
  const body = readBody(request, maxBytes);
  return universalRequest({ httpVersion, method, url, headers }, body, response, call, maxBytes);
}

/** The connection that a request came through: always the same object for the same connection. */
export function connectionOf(arrival: Arrival): object {
  if (!("stream" in arrival)) return arrival.socket;
  // A stream that is over has no session any more, and counts as a connection of its own.
  return arrival.stream.session ?? arrival.stream;
}
