import { Buffer } from "node:buffer";
import { once } from "node:events";
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CheckPoolPermRequestSchema,
  CheckPoolPermResponseSchema,
} from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { serveParent } from "../../children.ts";
import type { ServerReady } from "../messages.ts";
import { frame } from "../world/request-sets.ts";

// Servers on bare node:http2 that decide nothing: what Node itself costs.

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

const opened: Http2Server[] = [];

serveParent(
  () => open(),
  () => {
    for (const server of opened) server.close();
  },
);

async function open(): Promise<ServerReady> {
  return {
    ports: {
      raw: await listen(answerFixed),
      bare: await listen(answerDecoded),
      target: await listen(answerClients),
    },
    pid: process.pid,
    tokens: {},
  };
}

const emptyMessage = frame(new Uint8Array());
/** As long as an answer of ours. */
const response = Buffer.from(
  toBinary(
    CheckPoolPermResponseSchema,
    create(CheckPoolPermResponseSchema, { revisionToken: "r".repeat(54) }),
  ),
);
const framedResponse = frame(response);

/** Fixed bytes as soon as the headers are there; the body is thrown away. */
function answerFixed(stream: ServerHttp2Stream): void {
  stream.resume();
  stream.respond({ ":status": 200, "content-type": "application/grpc" });
  stream.end(framedResponse);
}

/** gRPC: decodes the request, and answers an empty message. */
function answerDecoded(stream: ServerHttp2Stream): void {
  receive(stream, (body) => {
    fromBinary(CheckPoolPermRequestSchema, body.subarray(5));
    respondGrpc(stream, emptyMessage);
  });
}

/** What the clients are measured against: the same answer in either protocol. */
function answerClients(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const isGrpc = headers["content-type"]?.startsWith("application/grpc") === true;
  receive(stream, () => {
    if (isGrpc) {
      respondGrpc(stream, framedResponse);
    } else {
      stream.respond({
        ...{ ":status": 200, "content-type": "application/proto" },
        "content-length": response.length,
      });
      stream.end(response);
    }
  });
}

function receive(stream: ServerHttp2Stream, done: (body: Buffer) => void): void {
  let body: Buffer | undefined;
  stream.on("data", (chunk: Buffer) => {
    body = body === undefined ? chunk : Buffer.concat([body, chunk]);
  });
  stream.on("end", () => {
    if (body !== undefined) done(body);
  });
}

function respondGrpc(stream: ServerHttp2Stream, body: Uint8Array): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc+proto" },
    { waitForTrailers: true },
  );
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(body);
}

async function listen(answer: Answer): Promise<number> {
  const server = createServer();
  opened.push(server);
  server.on("stream", (stream, headers) => {
    // A client that goes away is no failure of the server.
    stream.on("error", () => {});
    answer(stream, headers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
