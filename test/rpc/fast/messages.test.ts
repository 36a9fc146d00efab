import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { create, fromBinary, toBinary, type DescMessage } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { DomainError } from "../../../src/domain/errors.ts";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ErrorInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import { toOutcome } from "../../../src/rpc/errors.ts";
import { compileDecoder } from "../../../src/rpc/fast/decode-message.ts";
import { compileEncoder } from "../../../src/rpc/fast/encode-message.ts";
import { methods } from "./support/make-case.ts";
import { arbitraryMessage } from "./support/arbitrary-message.ts";

const runs = { numRuns: 60 };

/** What protobuf-es reads, written again, unknown fields and all; undefined: it cannot read it. */
function readAgain(schema: DescMessage, bytes: Uint8Array): Buffer | undefined {
  try {
    return Buffer.from(toBinary(schema, fromBinary(schema, bytes)));
  } catch {
    return undefined;
  }
}

for (const { name, input, output } of methods) {
  describe(name, () => {
    const decode = compileDecoder(input);
    const encode = compileEncoder(output);

    it("has its response written as protobuf-es writes it", () => {
      fc.assert(
        fc.property(arbitraryMessage(output), (message) => {
          const expected = toBinary(output, message as never);
          assert.deepEqual(Buffer.from(encode?.(message) ?? []), Buffer.from(expected));
        }),
        runs,
      );
    });

    it("has a request read as protobuf-es reads it, or not at all", () => {
      fc.assert(
        fc.property(
          arbitraryMessage(input),
          fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }), { maxLength: 2 }),
          fc.nat({ max: 3 }),
          (message, changes, cut) => {
            const bytes = Buffer.from(toBinary(input, message as never));
            for (const { at, byte } of changes) {
              if (bytes.length > 0) bytes[at % bytes.length] = byte;
            }
            const given = bytes.subarray(0, cut === 0 ? undefined : bytes.length - cut);
            const read = decode(given, 0);
            if (read === undefined) return;
            assert.deepEqual(Buffer.from(toBinary(input, read as never)), readAgain(input, given));
          },
        ),
        runs,
      );
    });

    it("has ordinary requests read without the full decoder", () => {
      const messages = fc.sample(arbitraryMessage(input), { numRuns: 200, seed: 1 });
      const read = messages.filter(
        (message) => decode(Buffer.from(toBinary(input, message as never)), 0) !== undefined,
      );
      assert.ok(read.length > 5, `${read.length} of ${messages.length}`);
    });
  });
}

describe("a type with fields of kinds that the decoder does not know", () => {
  it("is never read, not even without a field", () => {
    const decode = compileDecoder(ErrorInfoSchema);
    assert.equal(decode(Buffer.alloc(0), 0), undefined);
    const bytes = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "R" }));
    assert.equal(decode(Buffer.from(bytes), 0), undefined);
  });
});

describe("a string that comes again", () => {
  const { input } = AclService.method.checkPoolPerm;
  const decode = compileDecoder(input);
  const read = (caller: string): unknown => {
    const bytes = Buffer.from(toBinary(input, create(input, { caller, permission: "a.b.c" })));
    return (decode(bytes, 0) as { readonly caller: string } | undefined)?.caller;
  };

  it("is read as it is, after any other that is as long or not", () => {
    const texts = ["user:a@b", "user:a@c", "vser:a@b", "user:a@", "", "user:a@b", "x".repeat(600)];
    for (const before of texts) {
      for (const text of texts) {
        read(before);
        assert.equal(read(text), text);
      }
    }
  });

  it("is never taken for one of other characters with the same low bytes", () => {
    read("user:a@b");
    // Two bytes of UTF-8 each, or characters whose low byte is that of a letter: the full decoder reads them.
    for (const text of ["user:a@\u0162", "user:a\u0140", "\u0175ser:a@b"])
      assert.equal(read(text), undefined);
  });
});

describe("a status that knows its bytes", () => {
  const { output } = AclService.method.batchCheck;

  it("is written in an answer as protobuf-es writes its fields", () => {
    const failures = [
      new DomainError("PERMISSION_DENIED", "no", { caller: "user:ü@x", pool: "a" }),
      new DomainError("PERMISSION_DENIED", "no", { caller: "user:ü@x", pool: "b" }),
      new DomainError("CHECK_UNAVAILABLE", ""),
      new DomainError("INVALID_FIELD", "", { field: "" }),
      undefined,
    ];
    const response = {
      revisionToken: "t:1",
      outcomes: [...failures, ...failures].map((failure) => ({
        status: toOutcome(failure),
        pools: ["p"],
      })),
    };
    const expected = toBinary(output, create(output, response));
    assert.deepEqual(Buffer.from(compileEncoder(output)?.(response) ?? []), Buffer.from(expected));
  });
});
