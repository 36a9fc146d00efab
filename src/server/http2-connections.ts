import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { Connection } from "./connection-table.ts";
import { letRestFlow, type TakeStream } from "../rpc/handler.ts";
import { createOpenStreams } from "./open-streams.ts";
import type { RequestHandler } from "./request-handler.ts";
import { letGoOfStreams } from "./session-streams.ts";

/** Takes over sockets that speak HTTP/2. */
export interface Http2Connections {
  /** Serves HTTP/2 on the socket from now on. */
  accept(socket: Socket): Connection;
}

// A client that opens and resets streams faster than this is sent away with ENHANCE_YOUR_CALM.
const resetBurst = 1000;
const resetsPerSecond = 100;

// How long a client may keep its half of a connection open that we ended.
const lingerMs = 2000;

/** Told of the session that serves a socket. */
export type OnSession = (socket: Socket, session: ServerHttp2Session) => void;

/**
 * Makes an HTTP/2 server that listens on no address of its own: connections are handed to it. `take` is offered every
 * stream; what it does not take, the handler serves. `onSessionError` hears what went wrong in a connection, for a log.
 */
export function createHttp2Connections(
  handler: RequestHandler,
  take: TakeStream,
  limits: ConnectionLimits,
  onSessionError: (cause: unknown) => void,
  onSession: OnSession,
): Http2Connections {
  const server = createServer(
    {
      maxHeaderListPairs: 128,
      streamResetBurst: resetBurst,
      streamResetRate: resetsPerSecond,
      settings: {
        enablePush: false,
        maxConcurrentStreams: limits.maxStreams,
        maxHeaderListSize: limits.maxHeaderBytes,
      },
    },
    boundHeaders(handler, limits.maxHeaderBytes),
  );
  // Without a listener the error of a session would end the process.
  server.on("sessionError", onSessionError);
  const serve = divert(server, take, limits.maxHeaderBytes);
  return {
    accept(socket) {
      // The session reads the socket to its end itself; half a connection is of no use to HTTP/2.
      socket.allowHalfOpen = false;
      const session = openSession(server, socket);
      if (session === undefined) {
        socket.destroy();
        return ended;
      }
      letGoOfStreams(session);
      onSession(socket, session);
      return createConnection(socket, session, serve, limits);
    },
  };
}

// The limit that our settings announce is enforced from the moment that the client has acknowledged them.
// Until then, requests are looked at here.
function boundHeaders(handler: RequestHandler, maxBytes: number): RequestHandler {
  return (request, response) => {
    if ("stream" in request) letRestFlow(request.stream, request);
    if ("stream" in request && isTooLong(request.stream, request.rawHeaders, maxBytes)) {
      response.statusCode = 431;
      response.end();
      return;
    }
    handler(request, response);
  };
}

function isTooLong(stream: ServerHttp2Stream, raw: readonly string[], maxBytes: number): boolean {
  if (stream.session?.pendingSettingsAck !== true) return false;
  let bytes = 0;
  for (const text of raw) bytes += text.length;
  return bytes > maxBytes;
}

/** What is told of a stream that a client has opened. */
type OnStream = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  raw: readonly string[],
) => void;

// Node's own listener makes a request and a response of each stream, which cost as much as a whole check. So it is
// called for what nobody takes, and not by the server.
function divert(server: Http2Server, take: TakeStream, maxHeaderBytes: number): OnStream {
  const ordinary = server.listeners("stream");
  server.removeAllListeners("stream");
  return (stream, headers, flags, raw) => {
    if (!isTooLong(stream, raw, maxHeaderBytes) && take(stream, headers, raw)) return;
    stream.on("error", ignore);
    for (const listener of ordinary) {
      Reflect.apply(listener, server, [stream, headers, flags, raw]);
    }
  };
}

function ignore(): void {}

const ended: Connection = { protocol: "http2", retire() {}, sweep() {} };

function openSession(server: Http2Server, socket: Socket): ServerHttp2Session | undefined {
  let session: ServerHttp2Session | undefined;
  const onSession = (opened: ServerHttp2Session): void => {
    session = opened;
  };
  server.once("session", onSession);
  server.emit("connection", socket);
  server.off("session", onSession);
  return session;
}

function createConnection(
  socket: Socket,
  session: ServerHttp2Session,
  serve: OnStream,
  limits: ConnectionLimits,
): Connection {
  const streams = createOpenStreams();
  const openedAt = performance.now();
  let activeAt = openedAt;
  let settled = false;
  let endedAt: number | undefined;

  session.once("remoteSettings", () => {
    settled = true;
  });
  session.on("stream", (stream, headers, flags, raw) => {
    streams.add(stream);
    serve(stream, headers, flags, raw);
  });

  return {
    protocol: "http2",
    retire() {
      // Sends GOAWAY and closes with the last call. A call that the client began meanwhile is not taken;
      // the client reads so in the GOAWAY and may make it elsewhere.
      session.close();
    },
    sweep(now) {
      const { open, opened } = streams.sweep(now, limits.requestTimeoutMs);
      if (open > 0 || opened) activeAt = now;
      if (session.closed || session.destroyed) {
        endedAt ??= now;
        const gone = open === 0 || session.destroyed;
        if (gone && now - Math.max(endedAt, activeAt) > lingerMs) socket.destroy();
      } else if (
        (!settled || session.pendingSettingsAck) &&
        now - openedAt > limits.headersTimeoutMs
      ) {
        session.destroy();
      } else if (open === 0 && now - activeAt > limits.idleTimeoutMs) {
        session.close();
      }
    },
  };
}
