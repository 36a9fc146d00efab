import type { Socket } from "node:net";
import type { Logger } from "pino";
import type { TakeStream } from "../rpc/handler.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { createConnectionTable } from "./connection-table.ts";
import { createHttp1Connections } from "./http1-connections.ts";
import { createHttp2Connections, type OnSession } from "./http2-connections.ts";
import { createSniffer, type SniffedProtocol } from "./protocol-sniffer.ts";
import { guardHandler, type RequestHandler } from "./request-handler.ts";

/** The connections of one listener, of both protocols. */
export interface Connections {
  /** Serves a new connection; undefined: its first bytes tell the protocol. */
  accept(socket: Socket, protocol: SniffedProtocol | undefined): void;
  /** The open ones by protocol. */
  count(): { readonly http1: number; readonly http2: number };
  /** Tells every client to go away; calls under way go on. */
  retire(): void;
  /** Asks the clients of now to go away, as if their connections had reached the maximum age. */
  age(): void;
  /** Ends all of them at once. */
  destroy(): void;
  /** Resolves when none is left. */
  whenEmpty(): Promise<void>;
  /** Stops the timers. */
  close(): void;
}

/**
 * Makes an empty set of connections that serve requests with the handler, but for the streams of HTTP/2 that `take` takes.
 * `onHttp2Session` hears of each HTTP/2 session before its first request.
 */
export function createConnections(
  handler: RequestHandler,
  take: TakeStream,
  limits: ConnectionLimits,
  log: Logger,
  onHttp2Session: OnSession = () => {},
): Connections {
  const table = createConnectionTable(limits);
  const guarded = guardHandler(handler, (cause) => {
    log.error({ err: cause }, "a request handler failed");
  });
  const http1 = createHttp1Connections(guarded, limits);
  const onError = (cause: unknown): void => {
    log.debug({ err: cause }, "an HTTP/2 connection failed");
  };
  const http2 = createHttp2Connections(guarded, take, limits, onError, onHttp2Session);
  function serve(socket: Socket, protocol: SniffedProtocol): void {
    table.put(socket, protocol === "http2" ? http2.accept(socket) : http1.accept(socket));
  }
  return {
    accept(socket, protocol) {
      // The errors of a socket end its connection, which is all there is to do about them.
      socket.on("error", () => {});
      if (protocol !== undefined) serve(socket, protocol);
      else {
        const sniffer = createSniffer(socket, limits.headersTimeoutMs, (sniffed) => {
          serve(socket, sniffed);
        });
        table.put(socket, sniffer);
      }
    },
    count: () => ({ http1: table.count("http1"), http2: table.count("http2") }),
    retire() {
      table.retireAll();
      http1.closeIdle();
    },
    age: () => table.ageAll(),
    destroy: () => table.destroyAll(),
    whenEmpty: () => table.whenEmpty(),
    close() {
      http1.close();
      table.close();
    },
  };
}
