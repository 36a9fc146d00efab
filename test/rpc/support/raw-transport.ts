import assert from "node:assert/strict";
import { bearer } from "./bench.ts";
import type { RawReply } from "./exchange.ts";
import { createState, keys } from "./world.ts";

/** The header of a peer who may check. */
export const ann = bearer(keys.ann.token);

/** A method of AclService. */
export const path = "/fleetgate.acl.v1.AclService/CheckPoolPerm";

/** The headers of gRPC with binary messages. */
export const grpc = { "content-type": "application/grpc", te: "trailers" };

/** The headers of gRPC with JSON. */
export const grpcJson = { "content-type": "application/grpc+json", te: "trailers" };

/** The headers of a unary call of Connect with JSON. */
export const json = { "content-type": "application/json" };

/** A body without a byte. */
export const empty = new Uint8Array();

/** The headers that every answer has. */
export function assertUsualHeaders(reply: RawReply): void {
  assert.match(reply.headers["x-request-id"] ?? "", /^request-/);
  assert.equal(reply.headers["cache-control"], "no-store");
  assert.equal(reply.headers["fleetgate-revision"], createState().revisionToken);
}
