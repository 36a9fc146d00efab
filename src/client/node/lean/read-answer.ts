import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import {
  errorFromJsonBytes,
  validateResponseWithCompression,
} from "@connectrpc/connect/protocol-connect";
import { readPlainError } from "./plain-error.ts";
import { metadataOf, toWebHeaders, type AnswerHeaders } from "./web-headers.ts";

/** What the body of an answer is. */
export interface Head {
  readonly kind: "message" | "error" | "unusual";
  readonly headers: AnswerHeaders;
}

type Compression = typeof compressionGzip;

/** Every compression that is understood, whether or not it was asked for. */
export const compressions: readonly Compression[] = [compressionGzip, compressionBrotli];

/** Judges the headers of an answer; throws for those that no answer of the Connect protocol has. */
export function readHead(headers: AnswerHeaders): Head {
  const type = headers["content-type"];
  if (headers["content-encoding"] === undefined) {
    if (headers[":status"] === 200 && type === "application/proto") {
      return { kind: "message", headers };
    }
    if (headers[":status"] !== 200 && type === "application/json") {
      return { kind: "error", headers };
    }
  }
  judge(headers);
  return { kind: "unusual", headers };
}

/** The bytes of the message of an answer. Throws the error that the server sent instead. */
export async function readBody(
  { kind, headers }: Head,
  body: Uint8Array<ArrayBuffer>,
  readMaxBytes: number,
): Promise<Uint8Array> {
  const plain = kind === "error" ? readPlainError(headers, body) : undefined;
  if (plain !== undefined) throw plain;
  const { compression, unaryError } = judge(headers);
  const bytes = compression === undefined ? body : await compression.decompress(body, readMaxBytes);
  if (unaryError === undefined) return bytes;
  throw errorFromJsonBytes(bytes, new Headers(metadataOf(headers)), unaryError);
}

function judge(headers: AnswerHeaders): ReturnType<typeof validateResponseWithCompression> {
  const status = headers[":status"] ?? 0;
  const all = toWebHeaders(headers);
  return validateResponseWithCompression("unary", [...compressions], true, status, all);
}
