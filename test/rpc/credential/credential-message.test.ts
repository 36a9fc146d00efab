import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toAuditEvent } from "../../../src/rpc/credential/credential-message.ts";

describe("toAuditEvent", () => {
  it("has what the event says besides as texts, whatever was stored", () => {
    const at = new Date(0);
    const nothing = { credentialId: null, identity: null, realm: null, reason: null };
    const nobody = { caller: null, source: null, requestId: null };
    const detail = { was: "running", force: false, credentials: 12, list: ["a"] };
    const view = { id: 1n, at, event: "ended", count: 1n, ...nothing, ...nobody };
    assert.deepEqual(toAuditEvent({ ...view, detail }).detail, {
      ...{ was: "running", force: "false", credentials: "12", list: '["a"]' },
    });
    assert.deepEqual(toAuditEvent({ ...view, detail: {} }).detail, {});
  });
});
