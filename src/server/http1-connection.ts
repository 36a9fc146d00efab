import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Connection } from "./connection-table.ts";
import type { RequestHandler } from "./request-handler.ts";

/** One connection of HTTP/1.1, whose requests are served one after another. */
export interface Http1Connection extends Connection {
  /** Serves the request now, or once those that arrived before it are answered. */
  serve(request: IncomingMessage, response: ServerResponse): void;
}

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

/**
 * Makes the connection of a socket on which an HTTP server has its listeners already. While a request that
 * was sent ahead waits for its turn, nothing is read; a client has what it got on the way by then, and
 * neither memory nor calls without end. `timeoutMs` is how long a request may wait so, and how long the
 * client may take for a response that is complete.
 */
export function createHttp1Connection(
  socket: Socket,
  handler: RequestHandler,
  timeoutMs: number,
): Http1Connection {
  const ahead: Exchange[] = [];
  /** Whether a request is served, or one was in this turn of the event loop. */
  let busy = false;
  let open: ServerResponse | undefined;
  /** Since when the first of those ahead is the next one. */
  let nextSince = 0;
  /** Since when the open response waits for the client to take what was sent to it. */
  let waitingSince: number | undefined;
  let retired = false;

  // The server resumes the socket whenever it has a whole request, however many there are already.
  socket.on("resume", () => {
    if (ahead.length > 0) socket.pause();
  });

  function begin([request, response]: Exchange): void {
    busy = true;
    open = response;
    waitingSince = undefined;
    response.once("close", onClose);
    if (retired) response.setHeader("connection", "close");
    handler(request, response);
  }

  function onClose(): void {
    open = undefined;
    // Others get their turn between two requests of this client. Without this, a handler that is done with
    // each request before the next one is parsed would serve all that was read at once.
    setImmediate(beginNext);
  }

  function beginNext(): void {
    // After `connection: close` no response is sent any more.
    if (!socket.writable) ahead.length = 0;
    const next = ahead.shift();
    nextSince = performance.now();
    busy = next !== undefined;
    if (next === undefined) return;
    if (ahead.length === 0) socket.resume();
    begin(next);
  }

  return {
    protocol: "http1",
    serve(...exchange) {
      if (!busy) {
        begin(exchange);
      } else {
        if (ahead.length === 0) nextSince = performance.now();
        ahead.push(exchange);
        socket.pause();
      }
    },
    retire() {
      retired = true;
      if (open?.headersSent === false) open.setHeader("connection", "close");
    },
    sweep(now) {
      if (open === undefined) return;
      const delivers = open.writableEnded || open.writableNeedDrain;
      waitingSince = delivers ? (waitingSince ?? now) : undefined;
      const since = Math.min(waitingSince ?? Infinity, ahead.length > 0 ? nextSince : Infinity);
      if (now - since > timeoutMs) socket.destroy();
    },
  };
}
