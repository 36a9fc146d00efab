import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { BatchCheckRequestSchema } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyServiceCreateRequestSchema } from "../../src/gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ConfigServiceApplyRequestSchema } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { findUnknownField } from "../../src/rpc/unknown-fields.ts";
import { withUnknownField } from "./support/binary.ts";

const unknown = [{ no: 999, wireType: WireType.Varint, data: new Uint8Array([1]) }];

describe("findUnknownField", () => {
  it("finds none in a message whose fields are all known", () => {
    const message = create(ConfigServiceApplyRequestSchema, {
      files: [{ path: "a", content: { case: "config", value: { pools: [{ name: "p" }] } } }],
    });
    assert.equal(findUnknownField(ConfigServiceApplyRequestSchema, message), undefined);
  });

  it("finds one that came over the wire", () => {
    const bytes = withUnknownField(
      toBinary(BatchCheckRequestSchema, create(BatchCheckRequestSchema)),
    );
    const message = fromBinary(BatchCheckRequestSchema, bytes);
    assert.equal(
      findUnknownField(BatchCheckRequestSchema, message),
      "fleetgate.acl.v1.BatchCheckRequest",
    );
  });

  it("finds one in a message inside a list inside a choice", () => {
    const message = create(ConfigServiceApplyRequestSchema, {
      files: [
        { path: "a", content: { case: "text", value: "" } },
        { path: "b", content: { case: "config", value: { pools: [{ name: "p" }] } } },
      ],
    });
    const config = message.files[1]?.content.value;
    assert.ok(typeof config === "object");
    const [pool] = config.pools;
    assert.ok(pool);
    pool.$unknown = unknown;
    assert.equal(
      findUnknownField(ConfigServiceApplyRequestSchema, message),
      "fleetgate.config.v1.Pool",
    );
  });

  it("finds one in a well-known message", () => {
    const message = create(ApiKeyServiceCreateRequestSchema, { ttl: { seconds: 1n } });
    assert.ok(message.ttl);
    message.ttl.$unknown = unknown;
    assert.equal(
      findUnknownField(ApiKeyServiceCreateRequestSchema, message),
      "google.protobuf.Duration",
    );
  });
});
