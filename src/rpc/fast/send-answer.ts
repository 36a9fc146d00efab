import { Buffer } from "node:buffer";
import type {
  OutgoingHttpHeaders,
  ServerHttp2Stream,
  ServerStreamResponseOptions,
} from "node:http2";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import type { Compression } from "@connectrpc/connect/protocol";
import {
  connectErrorBody,
  grpcMessage,
  grpcStatusDetailsBin,
  retryAfterHeader,
  retryAfterSeconds,
  type WireStatus,
} from "../status/wire-status.ts";
import { chooseCompression, minCompressedBytes } from "../transport/compressions.ts";
import { detach, exchangeOf, type Exchange } from "./exchange.ts";

/**
 * Sends the response of a call that went well. The promise, which there is only if the message is compressed, fails when
 * that fails. Throws what Node throws of a stream that is over.
 */
export function sendResponse(exchange: Exchange, message: Uint8Array): Promise<void> | undefined {
  const { content, accepted, method } = exchange.head;
  const compression = chooseCompression(accepted);
  if (compression !== undefined && message.length >= minCompressedBytes) {
    return compression.compress(message).then((packed) => {
      if (content.protocol === "grpc") sendGrpc(exchange, compression, envelope(packed, 1));
      else sendConnect(exchange, 200, content.answerType, packed, compression);
    });
  }
  if (content.protocol === "grpc") {
    const frame = method[content.format].repeats ? envelopeOf(message) : envelope(message, 0);
    sendGrpc(exchange, compression, frame);
  } else sendConnect(exchange, 200, content.answerType, message, undefined);
  return undefined;
}

/** Sends the status of a call that failed. As for sendResponse. */
export function sendStatus(exchange: Exchange, status: WireStatus): Promise<void> | undefined {
  const { content, accepted } = exchange.head;
  const compression = chooseCompression(accepted);
  if (content.protocol === "grpc") {
    exchange.trailers = {
      "grpc-message": grpcMessage(status),
      "grpc-status": status.code,
      "grpc-status-details-bin": grpcStatusDetailsBin(status),
      ...retryAfter(status),
    };
    sendGrpc(exchange, compression, undefined);
    return undefined;
  }
  const httpStatus = codeToHttpStatus(status.code);
  const body = Buffer.from(connectErrorBody(status));
  if (compression === undefined || body.length < minCompressedBytes) {
    sendConnect(exchange, httpStatus, "application/json", body, undefined, retryAfter(status));
    return undefined;
  }
  return compression.compress(body).then((packed) => {
    sendConnect(exchange, httpStatus, "application/json", packed, compression, retryAfter(status));
  });
}

function retryAfter({ retryAfterMs }: WireStatus): OutgoingHttpHeaders | undefined {
  return retryAfterMs === undefined
    ? undefined
    : { [retryAfterHeader]: retryAfterSeconds(retryAfterMs) };
}

/** The trailers of a call of gRPC that went well. */
export const goodTrailers: OutgoingHttpHeaders = { "grpc-status": "0" };

/** Sends the trailers of the call of a stream, which is over with them. */
export function sendTrailers(stream: ServerHttp2Stream): void {
  const exchange = exchangeOf(stream);
  if (exchange === undefined) return;
  detach(stream);
  try {
    stream.sendTrailers(exchange.trailers);
  } catch {
    // The client has reset the stream.
  }
}

const withTrailers = { waitForTrailers: true };

function sendGrpc(
  { stream, call, head }: Exchange,
  compression: Compression | undefined,
  frame: Uint8Array | undefined,
): void {
  const headers = [
    ":status",
    "200",
    "cache-control",
    "no-store",
    "content-type",
    head.content.answerType,
  ];
  if (call.revisionToken !== "") headers.push("fleetgate-revision", call.revisionToken);
  if (compression !== undefined) headers.push("grpc-encoding", compression.name);
  headers.push("x-request-id", call.requestId);
  respond(stream, headers, withTrailers);
  if (frame === undefined) stream.end();
  else stream.end(frame);
}

function sendConnect(
  { stream, call }: Exchange,
  status: number,
  contentType: string,
  body: Uint8Array,
  compression: Compression | undefined,
  more?: OutgoingHttpHeaders,
): void {
  const headers: OutgoingHttpHeaders = { ":status": status, "cache-control": "no-store" };
  if (more !== undefined) Object.assign(headers, more);
  if (compression !== undefined) headers["content-encoding"] = compression.name;
  headers["content-length"] = body.length;
  headers["content-type"] = contentType;
  if (call.revisionToken !== "") headers["fleetgate-revision"] = call.revisionToken;
  headers["x-request-id"] = call.requestId;
  stream.respond(headers);
  stream.end(body);
}

// Node 22.20 and 24.7 take names and values as they are, which costs less than an object.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const takesRaw = major > 24 || (major === 24 && minor >= 7) || (major === 22 && minor >= 20);

function respond(
  stream: ServerHttp2Stream,
  raw: string[],
  options: ServerStreamResponseOptions,
): void {
  if (takesRaw) {
    stream.respond(raw, options);
    return;
  }
  const headers: OutgoingHttpHeaders = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    headers[raw[index] ?? ""] = raw[index + 1];
  }
  stream.respond(headers, options);
}

let lastMessage: Uint8Array | undefined;
let lastEnvelope = new Uint8Array(0);

// Of messages that are the same object until the state changes. What tells of somebody is not kept here.
function envelopeOf(message: Uint8Array): Uint8Array {
  if (message !== lastMessage) {
    lastEnvelope = envelope(message, 0);
    lastMessage = message;
  }
  return lastEnvelope;
}

function envelope(message: Uint8Array, flags: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(message.length + 5);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame[0] = flags;
  frame.set(message, 5);
  return frame;
}
