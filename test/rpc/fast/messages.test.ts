import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { fromBinary, toBinary, type DescMessage } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { compileDecoder } from "../../../src/rpc/fast/decode-message.ts";
import { compileEncoder } from "../../../src/rpc/fast/encode-message.ts";
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

for (const { name, input, output } of AclService.methods) {
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
