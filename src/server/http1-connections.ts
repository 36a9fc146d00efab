import { createServer, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { sweepPeriodMs, type ConnectionLimits } from "./connection-limits.ts";
import type { Connection } from "./connection-table.ts";
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
      connections.get(request.socket)?.begin(response);
      handler(request, response);
    },
  );
  startTimeouts(server);
  return {
    accept(socket) {
      const connection = createConnection(socket, limits.requestTimeoutMs);
      connections.set(socket, connection);
      server.emit("connection", socket);
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

interface Http1Connection extends Connection {
  begin(response: ServerResponse): void;
}

function createConnection(socket: Socket, deliveryTimeoutMs: number): Http1Connection {
  // Requests may be pipelined: the values say since when a response waits for the client.
  const responses = new Map<ServerResponse, number | undefined>();
  let retired = false;
  return {
    protocol: "http1",
    begin(response) {
      responses.set(response, undefined);
      response.once("close", () => responses.delete(response));
      if (retired) response.setHeader("connection", "close");
    },
    retire() {
      retired = true;
      for (const response of responses.keys()) {
        if (!response.headersSent) response.setHeader("connection", "close");
      }
    },
    sweep(now) {
      for (const [response, waitingSince] of responses) {
        const waits = response.writableEnded || response.writableNeedDrain;
        if (!waits) responses.set(response, undefined);
        else if (waitingSince === undefined) responses.set(response, now);
        else if (now - waitingSince > deliveryTimeoutMs) socket.destroy();
      }
    },
  };
}
