import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { CheckPoolPermRequestSchema } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
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
      let made = 0;
      const watched = new Proxy(bytes, {
        get: (target, name) => {
          if (name === "toString") made += 1;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
      const read = decode(watched, 0) as typeof message;
      assert.equal(read.pool, message.pool ?? "");
      assert.equal(read.callerAssertion, message.callerAssertion ?? "");
      return made;
    };
    assert.equal(madeOf({ pool: "ci" }), 1);
    assert.equal(madeOf({ pool: "ci" }), 0, "an ordinary name is remembered");
    for (let time = 0; time < 3; time += 1) {
      assert.equal(madeOf({ callerAssertion: "a.b.c" }), 1);
    }
  });
});
