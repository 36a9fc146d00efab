import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { RpcHandler, TakeStream } from "../../../src/rpc/handler.ts";

/** One handler behind a server of HTTP/1.1 and one of HTTP/2, both on free ports of 127.0.0.1. */
export interface Servers {
  readonly http1: string;
  readonly http2: string;
  close(): Promise<void>;
}

type OnStream = (
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  flags: number,
  raw: string[],
) => void;

/** Starts both servers. `take` is offered the streams of HTTP/2 before the handler. */
export async function startServers(
  handler: RpcHandler,
  take: TakeStream = () => false,
): Promise<Servers> {
  const one = http.createServer(handler);
  const two = http2.createServer(handler);
  const ordinary = two.listeners("stream");
  two.removeAllListeners("stream");
  two.on("stream", (...given: Parameters<OnStream>) => {
    const [stream, headers, , raw] = given;
    if (take(stream, headers, raw)) return;
    for (const listener of ordinary) Reflect.apply(listener, two, given);
  });
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
