import type { Buffer } from "node:buffer";
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Call } from "../call.ts";
import type { ByteQueue } from "../transport/read-body.ts";
import type { Head } from "./read-head.ts";

/** A call on the fast path, from its head to its answer. One object a stream. */
export interface Exchange {
  readonly stream: ServerHttp2Stream;
  readonly call: Call;
  readonly head: Head;
  /** As Node joins them. */
  readonly headers: IncomingHttpHeaders;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** What has come of the body; undefined: nothing. */
  body: Buffer | undefined;
  /** The same, when it comes in many pieces. */
  pieces: ByteQueue | undefined;
  /** Whether somebody has answered, or somebody else answers: nothing is left to do here. */
  over: boolean;
  trailers: OutgoingHttpHeaders;
}

const kExchange = Symbol("exchange");

interface StreamWithExchange extends ServerHttp2Stream {
  [kExchange]?: Exchange | undefined;
}

/** Has listeners of a stream find its exchange, so that they need not be made for each stream. */
export function attach(exchange: Exchange): void {
  (exchange.stream as StreamWithExchange)[kExchange] = exchange;
}

/** The exchange of a stream that was attached to it. */
export function exchangeOf(stream: ServerHttp2Stream): Exchange | undefined {
  return (stream as StreamWithExchange)[kExchange];
}

/**
 * Has the stream forget its exchange, which nothing is left to do of. Node holds streams for a while after they are over,
 * and what they lead to would be copied at every collection of garbage until then.
 */
export function detach(stream: ServerHttp2Stream): void {
  (stream as StreamWithExchange)[kExchange] = undefined;
}

/** Lets go of the body, which may show credentials, once nobody reads it any more. */
export function dropBody(exchange: Exchange): void {
  exchange.body = undefined;
  exchange.pieces = undefined;
}

/** Ends an exchange of which nothing goes out any more. */
export function abandon(exchange: Exchange): void {
  exchange.over = true;
  dropBody(exchange);
  detach(exchange.stream);
}

/** Whether the deadline that the client has set is over; it counts from the head of the request, in whole milliseconds. */
export function isLate({ head: { timeoutMs }, startedAt }: Exchange): boolean {
  if (timeoutMs === undefined || timeoutMs <= 0) return false;
  return performance.now() - startedAt >= Math.max(1, Math.trunc(timeoutMs));
}
