import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { sweepPeriodMs, type ConnectionLimits } from "./connection-limits.ts";
import type { Connection } from "./connection-table.ts";
import { createHttp1Connection, type Http1Connection } from "./http1-connection.ts";
import type { RequestHandler } from "./request-handler.ts";

/** Takes over sockets that speak HTTP/1.1. */
export interface Http1Connections {
  /** Serves HTTP on the socket from now on. The socket may be paused. */
  accept(socket: Socket): Connection;
  /** Ends the connections that have no request under way. */
  closeIdle(): void;
  /** Stops the timer. The connections live on. */
  close(): void;
}

/** Makes an HTTP/1.1 server that listens on no address of its own: connections are handed to it. */
export function createHttp1Connections(
  handler: RequestHandler,
  limits: ConnectionLimits,
): Http1Connections {
  const connections = new WeakMap<Socket, Http1Connection>();
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: sweepPeriodMs(limits),
    },
    (request, response) => {
      connections.get(request.socket)?.serve(request, response);
    },
  );
  startTimeouts(server);
  return {
    accept(socket) {
      server.emit("connection", socket);
      const connection = createHttp1Connection(socket, handler, limits.requestTimeoutMs);
      connections.set(socket, connection);
      socket.resume();
      return connection;
    },
    closeIdle() {
      server.closeIdleConnections();
    },
    close() {
      server.close();
    },
  };
}

// Node enforces headersTimeout and requestTimeout only from the moment that a server listens, which
// this one never does.
function startTimeouts(server: Server): void {
  server.emit("listening");
}
