import type { Buffer } from "node:buffer";
import { once } from "node:events";
import {
  connect,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Client, ClientOptions } from "./client.ts";

/**
 * Opens HTTP/2 connections and spreads calls over them. The status of an answer is that of HTTP, with the
 * status of gRPC after a slash when there is one.
 */
export async function openHttp2Client(options: ClientOptions): Promise<Client> {
  const { port, path, headers, connections } = options;
  const request = { ...headers, ":method": "POST", ":path": path };
  const sessions = await Promise.all(Array.from({ length: connections }, () => openSession(port)));
  let turn = 0;
  return {
    call(body, done) {
      const session = sessions[turn];
      turn = (turn + 1) % sessions.length;
      if (session === undefined) done("no connection");
      else exchange(session, request, body, done);
    },
    close: async () => {
      await Promise.all(sessions.map(closeSession));
    },
  };
}

async function openSession(port: number): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${port}`);
  await once(session, "connect");
  // The error reaches each of its calls.
  session.on("error", () => {});
  return session;
}

async function closeSession(session: ClientHttp2Session): Promise<void> {
  if (session.destroyed) return;
  const closed = once(session, "close");
  session.close();
  await closed;
}

function exchange(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body: Buffer,
  done: (status: string) => void,
): void {
  let http = "no answer";
  let grpc = "";
  let open = true;
  const finish = (status: string): void => {
    if (!open) return;
    open = false;
    done(status);
  };
  const readGrpc = (received: IncomingHttpHeaders): void => {
    const status = received["grpc-status"];
    if (typeof status === "string") grpc = `/${status}`;
  };
  const stream = session.request(headers);
  stream.on("response", (received) => {
    http = String(received[":status"]);
    readGrpc(received);
  });
  stream.on("trailers", readGrpc);
  stream.on("end", () => finish(http + grpc));
  stream.on("error", (error: Error) => finish(error.message));
  stream.on("close", () => finish("closed before the end of the answer"));
  stream.resume();
  stream.end(body);
}
