import {
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { Connection } from "./connection-table.ts";
import type { RequestHandler } from "./request-handler.ts";

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
 * Makes an HTTP/2 server that listens on no address of its own: connections are handed to it.
 * `onSessionError` hears what went wrong in a connection, for a log.
 */
export function createHttp2Connections(
  handler: RequestHandler,
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
  return {
    accept(socket) {
      // The session reads the socket to its end itself; half a connection is of no use to HTTP/2.
      socket.allowHalfOpen = false;
      const session = openSession(server, socket);
      if (session === undefined) {
        socket.destroy();
        return ended;
      }
      onSession(socket, session);
      return createConnection(socket, session, limits);
    },
  };
}

// The limit that our settings announce is enforced from the moment that the client has acknowledged them.
// Until then, requests are looked at here.
function boundHeaders(handler: RequestHandler, maxBytes: number): RequestHandler {
  return (request, response) => {
    if ("stream" in request && request.stream.session?.pendingSettingsAck === true) {
      let bytes = 0;
      for (const text of request.rawHeaders) bytes += text.length;
      if (bytes > maxBytes) {
        response.statusCode = 431;
        response.end();
        return;
      }
    }
    handler(request, response);
  };
}

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

interface StreamTimes {
  readonly openedAt: number;
  /** Since when the stream waits for the client to take what was sent to it. */
  waitingSince: number | undefined;
}

function createConnection(
  socket: Socket,
  session: ServerHttp2Session,
  limits: ConnectionLimits,
): Connection {
  const streams = new Map<ServerHttp2Stream, StreamTimes>();
  const openedAt = performance.now();
  let activeAt = openedAt;
  let settled = false;
  let endedAt: number | undefined;

  session.once("remoteSettings", () => {
    settled = true;
  });
  session.on("stream", (stream) => {
    activeAt = performance.now();
    streams.set(stream, { openedAt: activeAt, waitingSince: undefined });
    stream.on("error", () => {});
    stream.once("close", () => {
      activeAt = performance.now();
      streams.delete(stream);
    });
  });

  return {
    protocol: "http2",
    retire() {
      // Sends GOAWAY and closes with the last call. A call that the client began meanwhile is not taken;
      // the client reads so in the GOAWAY and may make it elsewhere.
      session.close();
    },
    sweep(now) {
      if (session.closed || session.destroyed) {
        endedAt ??= now;
        const gone = streams.size === 0 || session.destroyed;
        if (gone && now - Math.max(endedAt, activeAt) > lingerMs) socket.destroy();
      } else if (
        (!settled || session.pendingSettingsAck) &&
        now - openedAt > limits.headersTimeoutMs
      ) {
        session.destroy();
      } else if (streams.size === 0 && now - activeAt > limits.idleTimeoutMs) {
        session.close();
      }
      for (const [stream, times] of streams) {
        sweepStream(stream, times, now, limits.requestTimeoutMs);
      }
    },
  };
}

function sweepStream(
  stream: ServerHttp2Stream,
  times: StreamTimes,
  now: number,
  timeoutMs: number,
): void {
  const waits = stream.writableEnded || stream.writableNeedDrain;
  if (!waits) times.waitingSince = undefined;
  else times.waitingSince ??= now;
  const receiving = !stream.endAfterHeaders && !stream.readableEnded;
  const late =
    (receiving && now - times.openedAt > timeoutMs) ||
    (times.waitingSince !== undefined && now - times.waitingSince > timeoutMs);
  if (late) stream.close(constants.NGHTTP2_CANCEL);
}
