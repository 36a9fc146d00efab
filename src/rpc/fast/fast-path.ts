import { Buffer } from "node:buffer";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { enter, resolveBearer } from "../admission/gate.ts";
import { beginCall } from "../begin-call.ts";
import type { RpcDeps } from "../deps.ts";
import { toWireStatus } from "../errors.ts";
import { recordOf, recordOfStatus } from "../record.ts";
import { maxAclBytes } from "../router.ts";
import type { WireStatus } from "../status/wire-status.ts";
import { collect, envelopeHead, isOdd, judgeGrpc } from "./collect-body.ts";
import {
  abandon,
  attach,
  detach,
  dropBody,
  exchangeOf,
  isLate,
  type Exchange,
} from "./exchange.ts";
import type { FastMethod } from "./fast-methods.ts";
import { readHead, type Head } from "./read-head.ts";
import { readBearerOnce } from "./last-bearer.ts";
import { createReplay, timedOut, type Replay } from "./replay.ts";
import { goodTrailers, sendResponse, sendStatus, sendTrailers } from "./send-answer.ts";

/**
 * Serves a stream of HTTP/2 with the headers as Node joins them and as raw names and values. False: it is for the
 * ordinary listener, and nothing has happened to it. Never throws.
 */
export type TakeStream = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: readonly string[],
) => boolean;

/** How many calls the fast path took, and what became of those that are over. */
export interface FastPathCounts {
  readonly taken: number;
  readonly answered: number;
  /** Handed to the stock handler because of their bodies, or because their answers take time. */
  readonly replayed: number;
  readonly cutOff: number;
}

/** The fast path of unary calls. */
export interface FastPath {
  readonly take: TakeStream;
  readonly counts: FastPathCounts;
}

/**
 * Has the stock handler answer a call that was begun before; tells of the call when it is over. `failed`: it did not come to
 * the handler, because of what is thrown.
 */
export type ServeStock = (
  exchange: Exchange,
  replay: Replay,
  failed?: { readonly thrown: unknown },
) => void;

/** Creates the fast path of the methods, by their paths. */
export function createFastPath(
  deps: RpcDeps,
  methods: ReadonlyMap<string, FastMethod>,
  serveStock: ServeStock,
): FastPath {
  const counts = { taken: 0, answered: 0, replayed: 0, cutOff: 0 };
  const { maxTimeoutMs } = deps.options;

  function take(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    raw: readonly string[],
  ): boolean {
    const head = readHead(raw, methods, maxAclBytes, maxTimeoutMs);
    if (head === undefined) return false;
    let exchange: Exchange;
    try {
      exchange = begin(stream, headers, head);
    } catch {
      // The same will happen to the ordinary listener, which has somebody who hears of it.
      return false;
    }
    counts.taken += 1;
    stream.on("error", ignore);
    stream.on("aborted", onAborted);
    try {
      const resolving = resolveBearer(deps, exchange.call);
      if (resolving === undefined) admit(exchange);
      else
        resolving.then(
          () => admit(exchange),
          (thrown: unknown) => handOver(exchange, true, { thrown }),
        );
    } catch (error) {
      fail(exchange, error);
    }
    return true;
  }

  function begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, head: Head): Exchange {
    const { method, content, authorization } = head;
    const bearer = readBearerOnce(stream.session ?? stream, authorization);
    const exchange: Exchange = {
      stream,
      call: beginCall(deps, method.name, content.protocol, { stream }, bearer),
      head,
      headers,
      startedAt: performance.now(),
      body: undefined,
      pieces: undefined,
      over: false,
      trailers: goodTrailers,
    };
    attach(exchange);
    return exchange;
  }

  // By the head alone: whoever is refused is refused before a byte of the body is looked at.
  function admit(exchange: Exchange): void {
    if (exchange.over) return;
    try {
      enter(deps, exchange.call);
    } catch (error) {
      fail(exchange, error);
      return;
    }
    const { stream } = exchange;
    // It may have been reset before anybody listened.
    if (stream.aborted || stream.destroyed) {
      cutOff(exchange);
      return;
    }
    stream.on("data", onData);
    stream.on("end", onEnd);
  }

  function onData(this: ServerHttp2Stream, piece: Buffer): void {
    const exchange = exchangeOf(this);
    if (exchange === undefined || exchange.over) return;
    collect(exchange, piece);
    if (isOdd(exchange, maxAclBytes)) handOver(exchange, false);
  }

  function onEnd(this: ServerHttp2Stream): void {
    const exchange = exchangeOf(this);
    if (exchange === undefined || exchange.over) return;
    const { body, head } = exchange;
    const isGrpc = head.content.protocol === "grpc";
    if (isGrpc && judgeGrpc(body, maxAclBytes) !== "whole") {
      handOver(exchange, true);
      return;
    }
    try {
      answer(exchange, body ?? noBody, isGrpc ? envelopeHead : 0);
    } catch (error) {
      if (error instanceof ConnectError) handOver(exchange, true);
      else fail(exchange, error);
    }
  }

  // The message begins at `from` in the body.
  function answer(exchange: Exchange, body: Buffer, from: number): void {
    const { call, head } = exchange;
    const { method, content } = head;
    const format = method[content.format];
    const request = format.read(body, from);
    if (request === undefined) {
      handOver(exchange, true);
      return;
    }
    const reply = method.answer(call, request);
    if (reply === undefined) {
      handOver(exchange, true);
      return;
    }
    if (reply.failure !== undefined) {
      send(exchange, toWireStatus(reply.failure));
      return;
    }
    // The answer goes out all the same, as that of the stock handler does; it is the record that tells.
    if (isLate(exchange)) call.error = timedOut();
    send(exchange, undefined, format.write(reply.response));
  }

  function fail(exchange: Exchange, error: unknown): void {
    try {
      send(exchange, toWireStatus(exchange.head.method.toFailure(error)));
    } catch (cause) {
      breakOff(exchange, cause);
    }
  }

  function send(
    exchange: Exchange,
    status: WireStatus | undefined,
    message: Uint8Array = noBody,
  ): void {
    if (exchange.over) return;
    exchange.over = true;
    dropBody(exchange);
    const { stream } = exchange;
    try {
      // Trailers are still to come, which the stream finds by it.
      if (exchange.head.content.protocol === "grpc") stream.on("wantTrailers", onWantTrailers);
      else detach(stream);
      const sending =
        status === undefined ? sendResponse(exchange, message) : sendStatus(exchange, status);
      if (sending === undefined) close(exchange, status);
      else {
        sending.then(
          () => close(exchange, status),
          (cause: unknown) => breakOff(exchange, cause, status),
        );
      }
    } catch (cause) {
      breakOff(exchange, cause, status);
    }
  }

  function close(exchange: Exchange, status: WireStatus | undefined): void {
    counts.answered += 1;
    tell(exchange, status);
  }

  function tell({ call, startedAt }: Exchange, status: WireStatus | undefined): void {
    const ms = performance.now() - startedAt;
    try {
      deps.onCall(
        status === undefined && call.error !== undefined
          ? recordOf(call, ms, 200)
          : recordOfStatus(call, ms, status),
      );
    } catch {
      // Whoever watches calls must not end the process that answers them.
    }
  }

  function handOver(
    exchange: Exchange,
    isWhole: boolean,
    failed?: { readonly thrown: unknown },
  ): void {
    if (exchange.over) return;
    exchange.over = true;
    const { stream } = exchange;
    stream.off("data", onData);
    stream.off("end", onEnd);
    if (!isWhole) stream.pause();
    // Whoever answers now holds what is left of it, as long as that takes.
    detach(stream);
    try {
      serveStock(exchange, createReplay(exchange, isWhole), failed);
      counts.replayed += 1;
    } catch (cause) {
      breakOff(exchange, cause);
    }
  }

  // Nothing can be said any more, or nothing that would be true. What was decided is told all the same.
  function breakOff(exchange: Exchange, cause: unknown, status?: WireStatus): void {
    abandon(exchange);
    counts.cutOff += 1;
    const { call, stream } = exchange;
    call.error ??= new ConnectError(
      "the answer was cut off",
      Code.Canceled,
      undefined,
      undefined,
      cause,
    );
    tell(exchange, status);
    stream.destroy();
  }

  function onAborted(this: ServerHttp2Stream): void {
    const exchange = exchangeOf(this);
    if (exchange !== undefined && !exchange.over) cutOff(exchange);
    else detach(this);
  }

  function cutOff(exchange: Exchange): void {
    abandon(exchange);
    counts.cutOff += 1;
    exchange.call.error = new ConnectError("the peer went away", Code.Canceled);
    tell(exchange, undefined);
  }

  return { take, counts };
}

function ignore(): void {}

function onWantTrailers(this: ServerHttp2Stream): void {
  sendTrailers(this);
}

const noBody = Buffer.alloc(0);
