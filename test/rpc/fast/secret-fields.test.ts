import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { CheckPoolPermRequestSchema } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import {
  BatchIdentifyCallersRequestSchema,
  IdentifyCallerRequestSchema,
} from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { compileDecoder } from "../../../src/rpc/fast/decode-message.ts";

describe("the fast decoder", () => {
  it("keeps nothing of a field that is secret: it is made anew each time", () => {
    const decode = compileDecoder(CheckPoolPermRequestSchema);
    const madeOf = (message: {
      readonly pool?: string;
      readonly callerAssertion?: string;
    }): number => {
      const bytes = Buffer.from(
        toBinary(CheckPoolPermRequestSchema, create(CheckPoolPermRequestSchema, message)),
      );
      const { watched, made } = watch(bytes);
      const read = decode(watched, 0) as typeof message;
      assert.equal(read.pool, message.pool ?? "");
      assert.equal(read.callerAssertion, message.callerAssertion ?? "");
      return made();
    };
    assert.equal(madeOf({ pool: "ci" }), 1);
    assert.equal(madeOf({ pool: "ci" }), 0, "an ordinary name is remembered");
    for (let time = 0; time < 3; time += 1) {
      assert.equal(madeOf({ callerAssertion: "a.b.c" }), 1);
    }
  });

  it("keeps nothing of a token that was shown, alone or in a batch", () => {
    const one = create(IdentifyCallerRequestSchema, { token: "fg1_tk_x", audience: "cache" });
    const batch = create(BatchIdentifyCallersRequestSchema, { requests: [one, one] });
    for (const [schema, message, tokens] of [
      [IdentifyCallerRequestSchema, one, 1],
      [BatchIdentifyCallersRequestSchema, batch, 2],
    ] as const) {
      const decode = compileDecoder(schema);
      const bytes = Buffer.from(toBinary(schema, message));
      for (let time = 0; time < 3; time += 1) {
        const { made, watched } = watch(bytes);
        assert.deepEqual(Object.keys(decode(watched, 0) ?? {}).length > 0, true);
        // The audience is read once.
        assert.equal(made(), time === 0 ? tokens + 1 : tokens);
      }
    }
  });
});

/** Bytes, and how many texts were made of them. */
function watch(bytes: Buffer): { readonly watched: Buffer; readonly made: () => number } {
  let made = 0;
  const watched = new Proxy(bytes, {
    get: (target, name) => {
      if (name === "toString") made += 1;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { watched, made: () => made };
}
