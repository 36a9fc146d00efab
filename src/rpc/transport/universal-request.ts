import type { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { kCall, type Call } from "../call.ts";

/** The head of a request, whatever brought it. */
export interface RequestHead {
  readonly httpVersion: string;
  readonly method: string;
  /** The path and the query. */
  readonly url: string;
  /** As Node joins them. */
  readonly headers: IncomingHttpHeaders;
}

/**
 * A request in the form that Connect's handlers take, its messages of at most `maxBytes`. The authority is a constant:
 * nothing depends on what the client calls us, and a malformed one must not end the process. Throws a TypeError for a
 * header that fetch would not allow.
 */
export function universalRequest(
  head: RequestHead,
  body: AsyncIterable<Uint8Array>,
  response: EventEmitter,
  call: Call,
  maxBytes: number,
): UniversalServerRequest {
  const controller = new AbortController();
  // "close" comes at the end of every response; after an ordinary end nobody listens any more.
  response.once("close", () => {
    controller.abort(new ConnectError("the peer went away", Code.Canceled));
  });
  return {
    httpVersion: head.httpVersion,
    method: head.method,
    url: `http://fleetgate.invalid${head.url}`,
    header: readHeaders(head.headers, maxBytes),
    body,
    signal: controller.signal,
    contextValues: createContextValues().set(kCall, call),
  };
}

// Handlers never see these: the credential is in the call, and nothing else may be proven by a header.
const withheld: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);

function readHeaders(given: IncomingHttpHeaders, maxBytes: number): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || name.startsWith(":") || withheld.has(name)) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  // Connect sets as much memory aside as is promised before a byte has come, so it sees only a promise that
  // it refuses. Node holds bodies to what they promise.
  if (!(Number(headers.get("content-length")) > maxBytes)) headers.delete("content-length");
  return headers;
}
