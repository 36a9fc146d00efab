import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AclService,
  ApiKeyService,
  ChangeService,
  ConfigService,
  GroupService,
  InspectService,
} from "../../../src/client/index.ts";
import { isQuick, isRead, isRepeatable } from "../../../src/client/node/call-policy.ts";

const writes = [
  "ConfigService.Apply",
  "ApiKeyService.Create",
  "ApiKeyService.Revoke",
  "GroupService.CreateGroup",
  "GroupService.UpdateGroup",
  "GroupService.DeleteGroup",
  "GroupService.AddMembers",
  "GroupService.RemoveMembers",
  "GroupService.ImportGroups",
  "GroupService.TakeOverGroup",
  "GroupService.ReturnGroup",
  "ChangeService.RevertChange",
];

describe("which calls may be repeated", () => {
  const services = [AclService, InspectService, ConfigService, ApiKeyService, GroupService];
  for (const service of [...services, ChangeService]) {
    for (const method of service.methods) {
      const name = `${service.name}.${method.name}`;
      const isWrite = writes.includes(name);
      const isStream = method.methodKind !== "unary";
      const rule = isStream ? "never" : isWrite ? "only with a request_id" : "always";
      it(`${name}: ${rule}`, () => {
        assert.equal(isRead(method), !isWrite);
        assert.equal(isRepeatable(method, {}), !isWrite);
        assert.equal(isRepeatable(method, { requestId: "" }), !isWrite);
        assert.equal(isRepeatable(method, { requestId: "r" }), !isStream);
        assert.equal(isQuick(method), service === AclService || service === InspectService);
        if (isStream) return;
        const hasRequestId = method.input.fields.some(({ name }) => name === "request_id");
        assert.equal(hasRequestId, isWrite, "what can be idempotent writes, and nothing else does");
      });
    }
  }
});
