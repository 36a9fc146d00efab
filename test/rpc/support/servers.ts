import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { RpcHandler } from "../../../src/rpc/handler.ts";

/** One handler behind a server of HTTP/1.1 and one of HTTP/2, both on free ports of 127.0.0.1. */
export interface Servers {
  readonly http1: string;
  readonly http2: string;
  close(): Promise<void>;
}

/** Starts both servers. */
export async function startServers(handler: RpcHandler): Promise<Servers> {
  const one = http.createServer(handler);
  const two = http2.createServer(handler);
  const sessions = new Set<http2.ServerHttp2Session>();
  two.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  one.listen(0, "127.0.0.1");
  two.listen(0, "127.0.0.1");
  await Promise.all([once(one, "listening"), once(two, "listening")]);
  return {
    http1: originOf(one),
    http2: originOf(two),
    close: async () => {
      const closed = Promise.all([once(one, "close"), once(two, "close")]);
      one.close();
      one.closeAllConnections();
      two.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

function originOf(server: http.Server | http2.Http2Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
