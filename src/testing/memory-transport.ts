import { createServer, type ServerHttp2Session } from "node:http2";
import { duplexPair } from "node:stream";
import { Code, ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { RpcHandler } from "../rpc/handler.ts";

/** A server without a port. */
export interface MemoryServer {
  /** A transport to it. Calls that bring no credential get the one that `token` gives. */
  readonly transport: (token: () => string) => Transport;
  /** Ends all connections; calls after it fail. */
  readonly close: () => void;
}

/**
 * Serves HTTP/2 over pipes inside of the process: everything between a generated client and the handler is
 * what it is over a network, but there is no socket, and nothing keeps the process alive.
 */
export function createMemoryServer(handler: RpcHandler): MemoryServer {
  const server = createServer(handler);
  const sessions = new Set<ServerHttp2Session>();
  let closed = false;
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.on("sessionError", () => {});
  return {
    transport: (token) =>
      createConnectTransport({
        baseUrl: "http://fleetgate.invalid",
        httpVersion: "2",
        interceptors: [withToken(token), refuseWhen(() => closed)],
        nodeOptions: {
          createConnection: () => {
            const [client, ours] = duplexPair();
            server.emit("connection", ours);
            return client;
          },
        },
      }),
    close: () => {
      closed = true;
      for (const session of sessions) session.destroy();
    },
  };
}

function withToken(token: () => string): Interceptor {
  return (next) => (request) => {
    if (!request.header.has("authorization")) {
      request.header.set("authorization", `Bearer ${token()}`);
    }
    return next(request);
  };
}

function refuseWhen(closed: () => boolean): Interceptor {
  return (next) => (request) => {
    if (closed()) throw new ConnectError("this Fleetgate was closed", Code.Unavailable);
    return next(request);
  };
}
