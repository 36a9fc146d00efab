import type { Buffer } from "node:buffer";
import { createBuffer } from "../transport/read-body.ts";
import type { Exchange } from "./exchange.ts";

/** How many bytes come before a message of gRPC. */
export const envelopeHead = 5;

/** What is known of a body that is still coming, or has come. */
export type BodyState =
  /** It may become what the fast path takes. */
  | "possible"
  /** It is neither too long nor anything else but one plain message, whole. */
  | "whole"
  /** The stock handler must say what is wrong with it, or knows how to read it. */
  | "odd";

/** Adds a piece to the body of an exchange, at a cost in all that is linear in its length. */
export function collect(exchange: Exchange, piece: Buffer): void {
  if (exchange.body === undefined) {
    exchange.body = piece;
    return;
  }
  if (exchange.pieces === undefined) {
    exchange.pieces = createBuffer();
    exchange.pieces.append(exchange.body);
  }
  exchange.pieces.append(piece);
  exchange.body = exchange.pieces.bytes();
}

/** Looks at a body of gRPC: one message without compression, of at most `maxBytes`. */
export function judgeGrpc(body: Buffer | undefined, maxBytes: number): BodyState {
  if (body === undefined || body.length < envelopeHead) return "possible";
  const size = body.readUInt32BE(1);
  if (body[0] !== 0 || size > maxBytes || body.length > envelopeHead + size) return "odd";
  return body.length === envelopeHead + size ? "whole" : "possible";
}

/** Whether what has come of the body of an exchange is nothing for the fast path, whatever else comes. */
export function isOdd({ body, head }: Exchange, maxBytes: number): boolean {
  return head.content.protocol === "grpc"
    ? judgeGrpc(body, maxBytes) === "odd"
    : (body?.length ?? 0) > maxBytes;
}
