import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  FieldOptionsSchema,
  file_google_protobuf_descriptor,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { file_fleetgate_acl_v1_acl_service } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { createDescriptorIndex } from "../../src/server/descriptor-index.ts";

const index = createDescriptorIndex([file_fleetgate_acl_v1_acl_service]);

function namesOf(files: readonly Uint8Array[] | undefined): readonly string[] | undefined {
  return files?.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
}

describe("createDescriptorIndex", () => {
  it("finds the file of every kind of symbol", () => {
    for (const symbol of [
      "fleetgate.acl.v1.AclService",
      "fleetgate.acl.v1.AclService.CheckPoolPerm",
      "fleetgate.acl.v1.CheckPoolPermRequest",
      "fleetgate.acl.v1.CheckPoolPermRequest.pool",
    ]) {
      assert.equal(
        namesOf(index.fileOfSymbol(symbol))?.[0],
        "fleetgate/acl/v1/acl_service.proto",
        symbol,
      );
    }
  });

  it("knows nothing of other symbols and files", () => {
    for (const symbol of [
      "",
      "fleetgate",
      "fleetgate.acl.v1.Nothing",
      "constructor",
      "__proto__",
    ]) {
      assert.equal(index.fileOfSymbol(symbol), undefined, symbol);
      assert.equal(index.fileByName(symbol), undefined, symbol);
      assert.equal(index.extensionNumbers(symbol), undefined, symbol);
      assert.equal(index.fileOfExtension(symbol, 1), undefined, symbol);
    }
  });

  it("gives a file with all that it needs, so that it can be built", () => {
    const files = index.fileByName("fleetgate/acl/v1/acl_service.proto") ?? [];
    const [root, ...others] = files.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    assert.ok(root);
    const byName = new Map(others.map((file) => [file.name, file]));
    const registry = createFileRegistry(root, (name) => byName.get(name));
    assert.ok(registry.getService("fleetgate.acl.v1.AclService"));
    assert.equal(new Set(namesOf(files)).size, files.length);
  });

  it("finds values of enums and extensions", () => {
    const wide = createDescriptorIndex([file_google_protobuf_descriptor]);
    assert.ok(wide.fileOfSymbol("google.protobuf.FieldDescriptorProto.TYPE_STRING"));
    assert.deepEqual(wide.extensionNumbers(FieldOptionsSchema.typeName), []);
    assert.equal(wide.fileOfExtension(FieldOptionsSchema.typeName, 50_000), undefined);
  });
});
