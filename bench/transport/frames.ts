import { Buffer } from "node:buffer";
import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import { CheckPoolPermRequestSchema } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { PoolQuestion, Protocol } from "./messages.ts";

/** The path of the method that is asked. */
export const methodPath = "/fleetgate.acl.v1.AclService/CheckPoolPerm";

const contentTypes: Readonly<Record<Protocol, string>> = {
  gRPC: "application/grpc+proto",
  Connect: "application/proto",
  "Connect JSON": "application/json",
};

/** The request headers of a protocol, those of HTTP itself left out. */
export function requestHeaders(protocol: Protocol, token: string): Record<string, string> {
  return {
    "content-type": contentTypes[protocol],
    authorization: `Bearer ${token}`,
    ...(protocol === "gRPC" ? { te: "trailers" } : { "connect-protocol-version": "1" }),
  };
}

/** The body of a request, complete. */
export function requestBody(protocol: Protocol, question: PoolQuestion): Buffer {
  const message = create(CheckPoolPermRequestSchema, question);
  if (protocol === "Connect JSON") {
    return Buffer.from(toJsonString(CheckPoolPermRequestSchema, message));
  }
  return frameMessage(protocol, toBinary(CheckPoolPermRequestSchema, message));
}

/** A message in binary as a protocol wants it in the body. */
export function frameMessage(protocol: Protocol, bytes: Uint8Array): Buffer {
  if (protocol !== "gRPC") return Buffer.from(bytes);
  // gRPC: a flag (not compressed) and the length stand before the message.
  const framed = Buffer.alloc(5 + bytes.length);
  framed.writeUInt32BE(bytes.length, 1);
  framed.set(bytes, 5);
  return framed;
}

/** The status that an answer has: of HTTP, and for gRPC that of the call after a slash. */
export function expectedStatus(protocol: Protocol, denied: boolean): string {
  if (protocol === "gRPC") return denied ? "200/7" : "200/0";
  return denied ? "403" : "200";
}
