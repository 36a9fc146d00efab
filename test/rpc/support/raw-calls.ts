import { Buffer } from "node:buffer";
import { toBinary, toJsonString, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import type { Bench } from "./bench.ts";
import { envelope, exchangeHttp1, exchangeHttp2, type RawReply } from "./exchange.ts";
import { nameOf } from "./services.ts";

/** Makes a unary call in one form of the wire, and returns the answer as it came. */
export type RawCall = (
  bench: Bench,
  token: string,
  method: DescMethodUnary,
  message: Message,
) => Promise<RawReply>;

/** Every form that a call can have on the wire. */
export const rawCalls: Readonly<Record<string, RawCall>> = {
  gRPC: (bench, token, method, message) =>
    exchangeHttp2(bench.session, {
      path: `/${nameOf(method)}`,
      headers: { ...head(token, "application/grpc"), te: "trailers" },
      body: envelope(toBinary(method.input, message)),
    }),
  "gRPC-Web": (bench, token, method, message) =>
    exchangeHttp2(bench.session, {
      path: `/${nameOf(method)}`,
      headers: head(token, "application/grpc-web+proto"),
      body: envelope(toBinary(method.input, message)),
    }),
  "Connect in binary": (bench, token, method, message) =>
    exchangeHttp1(bench.servers.http1, {
      path: `/${nameOf(method)}`,
      headers: head(token, "application/proto"),
      body: toBinary(method.input, message),
    }),
  "Connect in JSON": (bench, token, method, message) =>
    exchangeHttp1(bench.servers.http1, {
      path: `/${nameOf(method)}`,
      headers: head(token, "application/json"),
      body: Buffer.from(toJsonString(method.input, message)),
    }),
};

function head(token: string, contentType: string): Record<string, string> {
  return { authorization: `Bearer ${token}`, "content-type": contentType };
}

/** All of an answer as one text, but for what is another in every answer. */
export function textOf(reply: RawReply): string {
  const { "x-request-id": _, ...headers } = reply.headers;
  return JSON.stringify({ ...reply, headers, body: reply.body.toString("latin1") });
}
