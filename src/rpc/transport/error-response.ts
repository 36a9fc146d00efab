import type { ConnectError } from "@connectrpc/connect";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import {
  codeToHttpStatus,
  contentTypeUnaryJson,
  errorToJsonBytes,
} from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { Protocol } from "../call.ts";

/** The protocol that a request speaks, by its content type: Connect unless it says gRPC. */
export function protocolOf(contentType: string): Protocol {
  if (!/^application\/grpc/i.test(contentType)) return "connect";
  return /^application\/grpc-web/i.test(contentType) ? "grpc-web" : "grpc";
}

/**
 * An answer that holds nothing but an error, for calls that no handler of Connect answers: in gRPC and
 * gRPC-Web the status travels in the headers.
 */
export function errorResponse(
  protocol: Protocol,
  error: ConnectError,
  httpStatus: number = codeToHttpStatus(error.code),
): UniversalServerResponse {
  if (protocol !== "connect") {
    const contentType = protocol === "grpc" ? "application/grpc" : "application/grpc-web+proto";
    const header = setTrailerStatus(new Headers({ "content-type": contentType }), error);
    return { status: 200, header };
  }
  const body = errorToJsonBytes(error, undefined);
  const header = new Headers(error.metadata);
  header.set("content-type", contentTypeUnaryJson);
  header.set("content-length", body.byteLength.toString());
  return { status: httpStatus, header, body: once(body) };
}

// oxlint-disable-next-line typescript/require-await -- the protocol wants an asynchronous iterable
async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}
