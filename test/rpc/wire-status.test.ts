import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import { DomainError, type Reason } from "../../src/domain/errors.ts";
import { codes, toConnectError, toWireStatus, type Failure } from "../../src/rpc/errors.ts";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";
import {
  connectErrorBody,
  grpcMessage,
  grpcStatusDetailsBin,
} from "../../src/rpc/status/wire-status.ts";

const reasons = Object.keys(codes) as Reason[];

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ maxLength: 400 }),
  // Past the bounds of messages and metadata, in characters of one byte and of more.
  fc
    .tuple(fc.constantFrom("x", "ü", "漢", "😀", "\ud800"), fc.nat(1100))
    .map(([c, n]) => c.repeat(n)),
);

const failures: Arbitrary<Failure> = fc.record({
  reason: fc.constantFrom(...reasons),
  message: text,
  metadata: fc.dictionary(fc.string({ maxLength: 12 }), text, {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  retryAfterMs: fc.option(fc.oneof(fc.nat(2000), fc.nat(1e8)), { nil: undefined }),
  cause: fc.option(fc.constant(new Error("why")), { nil: undefined }),
});

// What Connect itself puts on the wire for the error of the same failure.
function ofConnect(failure: Failure): object {
  const error = toConnectError(failure);
  const trailer = setTrailerStatus(new Headers(), error);
  return {
    status: trailer.get("grpc-status"),
    message: trailer.get("grpc-message"),
    details: trailer.get("grpc-status-details-bin"),
    body: new TextDecoder().decode(errorToJsonBytes(error, undefined)),
    cause: error.cause,
  };
}

function ofOurs(failure: Failure): object {
  const status = toWireStatus(failure);
  return {
    status: String(status.code),
    message: grpcMessage(status),
    details: grpcStatusDetailsBin(status),
    body: connectErrorBody(status),
    cause: status.cause,
  };
}

describe("a status made without an error", () => {
  it("is to the byte what Connect makes of the error, for every reason", () => {
    for (const reason of reasons) {
      const plain = new DomainError(reason, "a text", { a: "b" });
      const bare = new DomainError(reason, "", {}, { cause: new Error("why") });
      for (const failure of [plain, bare]) assert.deepEqual(ofOurs(failure), ofConnect(failure));
      assert.equal(toWireStatus(plain).reason, reason);
    }
  });

  it("is to the byte what Connect makes of the error, whatever the texts", () => {
    fc.assert(
      fc.property(failures, (failure) => {
        assert.deepEqual(ofOurs(failure), ofConnect(failure));
      }),
      { numRuns: 300 },
    );
  });

  it("says its own metadata, whatever was said before under the same keys", () => {
    const said = [
      { caller: "user:a@x", pool: "p" },
      { caller: "user:b@x", pool: "p" },
      { caller: "user:a@x", pool: "" },
      { pool: "user:a@x" },
      { caller: "p", pool: "user:b@x" },
    ];
    for (const metadata of said) {
      const failure = new DomainError("PERMISSION_DENIED", "no", metadata);
      const bytes = Buffer.from(grpcStatusDetailsBin(toWireStatus(failure)), "base64");
      const [info] = fromBinary(StatusSchema, bytes).details;
      assert.deepEqual(fromBinary(ErrorInfoSchema, info?.value ?? bytes).metadata, metadata);
    }
  });

  it("reads back as what it was made of", () => {
    const failure = new DomainError("PERMISSION_DENIED", "no", { caller: "user:ü@x" });
    const bytes = Buffer.from(grpcStatusDetailsBin(toWireStatus(failure)), "base64");
    const status = fromBinary(StatusSchema, bytes);
    assert.equal(status.message, "no");
    assert.equal(status.details.length, 1);
  });
});
