import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DomainError, invalidField, type Reason } from "../../src/domain/errors.ts";
import { Reason as ContractReason } from "../../src/gen/fleetgate/error/v1/reason_pb.ts";

// Complete by its type: a reason that is missing here does not compile.
const reasons: Readonly<Record<Reason, true>> = {
  PERMISSION_DENIED: true,
  CHECK_UNAVAILABLE: true,
  FRESHNESS_NOT_REACHED: true,
  CREDENTIAL_REQUIRED: true,
  ON_BEHALF_OF_FORBIDDEN: true,
  INVALID_FIELD: true,
  UNKNOWN_FIELD: true,
  REVISION_TOKEN_FOREIGN: true,
  GROUP_REQUIRED: true,
  STORAGE_UNAVAILABLE: true,
  INTERNAL_FAULT: true,
  CONFIG_INVALID: true,
  ETAG_MISMATCH: true,
  NOT_FOUND: true,
  REQUEST_ID_REUSED: true,
  SECRET_ALREADY_SHOWN: true,
  PAGE_TOKEN_INVALID: true,
  LOCK_OUT: true,
  LIMIT_EXCEEDED: true,
  WRITE_CONFLICT: true,
  GROUP_FORBIDDEN: true,
  GROUP_PROTECTED: true,
  ALREADY_EXISTS: true,
  REFERENCE_MISSING: true,
  GROUP_CYCLE: true,
  IN_USE: true,
  MANAGED_BY_SOURCE: true,
  EFFECT_TOO_LARGE: true,
  REVISION_NOT_RETAINED: true,
  REVERT_CONFLICT: true,
  HISTORY_FORBIDDEN: true,
  HISTORY_NOT_ACCEPTED: true,
  NOT_MANAGED: true,
  SHOWN_CREDENTIAL_REFUSED: true,
  TASK_NOT_ACTIVE: true,
  SUBJECT_MISMATCH: true,
  CREDENTIAL_LACKS_PERMISSION: true,
  PERMISSION_REQUIRED: true,
  ILLEGAL_TRANSITION: true,
  GENERATION_MOVED: true,
  ATTEMPTS_EXHAUSTED: true,
  ALREADY_FETCHED: true,
  HOLD_RELEASED: true,
  CURSOR_TOO_OLD: true,
  KEY_NOT_READY: true,
  TOO_MANY_ATTEMPTS: true,
  GATE_CLOSED: true,
};

describe("Reason", () => {
  it("has the values of the contract and no others", () => {
    const contract = Object.keys(ContractReason)
      .filter((key) => Number.isNaN(Number(key)) && !key.endsWith("UNSPECIFIED"))
      .map((key) => key.replace(/^REASON_/, ""));
    assert.deepEqual(contract.sort(), Object.keys(reasons).sort());
  });
});

describe("DomainError", () => {
  it("carries its reason and metadata, and keeps the cause to itself", () => {
    const cause = new Error("secret");
    const error = new DomainError("NOT_FOUND", "no such thing", { thing: "x" }, { cause });
    assert.equal(error.name, "DomainError");
    assert.equal(error.reason, "NOT_FOUND");
    assert.equal(error.message, "no such thing");
    assert.deepEqual(error.metadata, { thing: "x" });
    assert.equal(error.cause, cause);
    assert.ok(error instanceof Error);
  });

  it("has no metadata unless it is given some", () => {
    assert.deepEqual(new DomainError("LOCK_OUT", "no").metadata, {});
  });
});

describe("invalidField", () => {
  it("names the field and the rule in the message and in the metadata", () => {
    const error = invalidField("task.pool", "must not be empty");
    assert.equal(error.reason, "INVALID_FIELD");
    assert.equal(error.message, "task.pool: must not be empty");
    assert.deepEqual(error.metadata, { field: "task.pool", rule: "must not be empty" });
  });
});
