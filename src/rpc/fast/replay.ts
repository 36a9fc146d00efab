import { Http2ServerResponse, type IncomingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { readBody } from "../transport/read-body.ts";
import type { ServerResponseOf } from "../transport/server-request.ts";
import { universalRequest } from "../transport/universal-request.ts";
import { letRestFlow } from "../transport/let-rest-flow.ts";
import type { Exchange } from "./exchange.ts";

/** A call in the form that the stock handler takes, and where its answer goes. */
export interface Replay {
  readonly request: UniversalServerRequest;
  readonly response: ServerResponseOf;
}

/**
 * Makes of an exchange what the stock handler would have got: the same head, and the same body, of which `isWhole` says
 * whether all has come. What is left of the deadline is what the handler gets of it.
 */
export function createReplay(exchange: Exchange, isWhole: boolean): Replay {
  const { stream, call, head, headers } = exchange;
  const response = new Http2ServerResponse(stream);
  if (!isWhole) letRestFlow(stream, stream);
  const { maxBytes } = head.method.stock;
  const body = readBody(
    {
      headers,
      get aborted() {
        return stream.aborted;
      },
      [Symbol.asyncIterator]: () => restOfBody(exchange, isWhole),
    },
    maxBytes,
  );
  const request = universalRequest(
    {
      httpVersion: "2.0",
      method: "POST",
      url: `/${call.method}`,
      headers: { ...headers, ...deadlineHeader(exchange) },
    },
    body,
    response,
    call,
    maxBytes,
  );
  return { request, response };
}

async function* restOfBody(
  { stream, body }: Exchange,
  isWhole: boolean,
): AsyncGenerator<Uint8Array> {
  if (body !== undefined) yield body;
  if (isWhole) return;
  // Whoever stops reading still has something to say on the stream.
  for await (const piece of stream.iterator({ destroyOnReturn: false })) {
    yield piece as Uint8Array;
  }
}

function deadlineHeader({ head, startedAt, call }: Exchange): IncomingHttpHeaders {
  const { timeoutMs, content } = head;
  if (timeoutMs === undefined || timeoutMs <= 0) return {};
  const elapsedMs = performance.now() - startedAt;
  // No timer of Node runs for less than a millisecond.
  if (elapsedMs >= Math.max(1, Math.trunc(timeoutMs))) call.error = timedOut();
  const left = Math.max(0, Math.trunc(timeoutMs - elapsedMs));
  return content.protocol === "grpc"
    ? { "grpc-timeout": left <= maxGrpcDigits ? `${left}m` : `${Math.trunc(left / 1000)}S` }
    : { "connect-timeout-ms": `${left}` };
}

const maxGrpcDigits = 99_999_999;

/** What a call ends with whose deadline has passed, as Connect says it. */
export function timedOut(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
