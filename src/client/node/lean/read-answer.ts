import type { ConnectError } from "@connectrpc/connect";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import {
  errorFromJsonBytes,
  validateResponseWithCompression,
} from "@connectrpc/connect/protocol-connect";
import { splitTrailers, toWebHeaders, type AnswerHeaders } from "./web-headers.ts";

/** What the body of an answer is. */
export type Head = { readonly kind: "message"; readonly headers: AnswerHeaders } | UnusualHead;

/** Of an answer that is compressed or an error. */
export interface UnusualHead {
  readonly kind: "unusual";
  readonly headers: AnswerHeaders;
  readonly compression: Compression | undefined;
  /** Set when the body is an error; what is thrown when it cannot be read. */
  readonly error: ConnectError | undefined;
}

type Compression = typeof compressionGzip;

/** Every compression that is understood, whether or not it was asked for. */
export const compressions: readonly Compression[] = [compressionGzip, compressionBrotli];

/** Judges the headers of an answer; throws for those that no answer of the Connect protocol has. */
export function readHead(headers: AnswerHeaders): Head {
  const status = headers[":status"] ?? 0;
  if (
    status === 200 &&
    headers["content-type"] === "application/proto" &&
    headers["content-encoding"] === undefined
  ) {
    return { kind: "message", headers };
  }
  const all = toWebHeaders(headers);
  const judged = validateResponseWithCompression("unary", [...compressions], true, status, all);
  const { compression } = judged;
  const error = judged.isUnaryError ? judged.unaryError : undefined;
  return { kind: "unusual", headers, compression, error };
}

/** The bytes of the message, or throws the error that the server sent. */
export async function readBody(
  head: UnusualHead,
  body: Uint8Array<ArrayBuffer>,
  readMaxBytes: number,
): Promise<Uint8Array> {
  const { compression, error } = head;
  const bytes = compression === undefined ? body : await compression.decompress(body, readMaxBytes);
  if (error === undefined) return bytes;
  const { header, trailer } = splitTrailers(head.headers);
  for (const [name, value] of trailer) header.append(name, value);
  throw errorFromJsonBytes(bytes, header, error);
}
