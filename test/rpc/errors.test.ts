import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { DomainError, invalidField, type Reason } from "../../src/domain/errors.ts";
import { ReasonSchema } from "../../src/gen/fleetgate/error/v1/reason_pb.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { boundText } from "../../src/rpc/bounded-text.ts";
import { codes, toAclFailure, toConnectError, toFailure, toStatus } from "../../src/rpc/errors.ts";

const reasons = Object.keys(codes) as Reason[];

// What AclService answers; everything else means there that the check could not be made.
const aclReasons: readonly Reason[] = [
  "PERMISSION_DENIED",
  "CHECK_UNAVAILABLE",
  "FRESHNESS_NOT_REACHED",
  "CREDENTIAL_REQUIRED",
  "ON_BEHALF_OF_FORBIDDEN",
  "INVALID_FIELD",
  "UNKNOWN_FIELD",
  "REVISION_TOKEN_FOREIGN",
  "REVISION_NOT_RETAINED",
  "HISTORY_FORBIDDEN",
  "TASK_NOT_ACTIVE",
  "TOO_MANY_ATTEMPTS",
];

describe("the reasons", () => {
  it("are the values of the contract's enum", () => {
    const prefix = "REASON_";
    const values = ReasonSchema.values
      .filter(({ number }) => number !== 0)
      .map(({ name }) => name.slice(prefix.length));
    assert.deepEqual(reasons.toSorted(), values.toSorted());
    assert.ok(ReasonSchema.values.every(({ name }) => name.startsWith(prefix)));
  });

  it("have the codes that the contract says beside them", () => {
    const comments: Readonly<Record<string, Code>> = {
      PERMISSION_DENIED: Code.PermissionDenied,
      CREDENTIAL_REQUIRED: Code.Unauthenticated,
      CHECK_UNAVAILABLE: Code.Internal,
      STORAGE_UNAVAILABLE: Code.Unavailable,
      REQUEST_ID_REUSED: Code.AlreadyExists,
      LIMIT_EXCEEDED: Code.ResourceExhausted,
      WRITE_CONFLICT: Code.Aborted,
    };
    for (const [reason, code] of Object.entries(comments)) {
      assert.equal(codes[reason as Reason], code, reason);
    }
    assert.deepEqual(
      reasons.filter((reason) => codes[reason] === Code.PermissionDenied),
      [
        ...["PERMISSION_DENIED", "GROUP_REQUIRED", "GROUP_FORBIDDEN", "GROUP_PROTECTED"],
        ...["TASK_NOT_ACTIVE", "SUBJECT_MISMATCH", "CREDENTIAL_LACKS_PERMISSION"],
        "PERMISSION_REQUIRED",
      ],
    );
  });
});

describe("toConnectError", () => {
  it("puts reason, domain and metadata into ErrorInfo", () => {
    const error = toConnectError(invalidField("pool", "must be good"));
    assert.equal(error.rawMessage, "pool: must be good");
    const [info, ...more] = error.findDetails(ErrorInfoSchema);
    assert.deepEqual(more, []);
    assert.equal(info?.reason, "INVALID_FIELD");
    assert.equal(info.domain, "fleetgate");
    assert.deepEqual(info.metadata, { field: "pool", rule: "must be good" });
    assert.equal(error.details.length, 1);
  });

  it("says when to retry where a retry may help", () => {
    const retried = reasons.filter((reason) => {
      const error = toConnectError(new DomainError(reason, "x"));
      const [retry] = error.findDetails(RetryInfoSchema);
      if (retry !== undefined) assert.equal(retry.retryDelay?.seconds, 1n);
      return retry !== undefined;
    });
    assert.deepEqual(retried, [
      "CHECK_UNAVAILABLE",
      "FRESHNESS_NOT_REACHED",
      "STORAGE_UNAVAILABLE",
      "TOO_MANY_ATTEMPTS",
    ]);
  });

  it("says when to retry where the error says so, in HTTP's words too", () => {
    for (const reason of reasons) {
      const error = toConnectError(new DomainError(reason, "x", {}, { retryAfterMs: 61_001 }));
      const [retry] = error.findDetails(RetryInfoSchema);
      assert.equal(retry?.retryDelay?.seconds, 61n);
      assert.equal(retry.retryDelay.nanos, 1_000_000);
      assert.equal(error.metadata.get("retry-after"), "62");
    }
    const usual = toConnectError(new DomainError("TOO_MANY_ATTEMPTS", "x"));
    assert.equal(usual.metadata.get("retry-after"), null);
  });

  it("says nothing of what was thrown where the text is constant, and keeps it as the cause", () => {
    const secret = { host: "secret" };
    for (const reason of reasons) {
      const one = toConnectError(new DomainError(reason, "secret one", secret));
      const two = toConnectError(new DomainError(reason, "secret two", secret));
      if (one.rawMessage !== two.rawMessage) continue;
      assert.doesNotMatch(one.rawMessage, /secret/, reason);
      assert.deepEqual(one.findDetails(ErrorInfoSchema)[0]?.metadata, {}, reason);
      assert.equal(one.cause, "secret one", reason);
    }
    const cause = new Error("why");
    const failed = toConnectError(new DomainError("STORAGE_UNAVAILABLE", "x", {}, { cause }));
    assert.equal(failed.cause, cause);
  });

  it("has constant texts for all that must not tell causes apart", () => {
    const constant = reasons.filter((reason) => {
      const error = toConnectError(new DomainError(reason, "varies", { a: "b" }));
      return error.rawMessage !== "varies";
    });
    assert.deepEqual(constant, [
      "CHECK_UNAVAILABLE",
      "FRESHNESS_NOT_REACHED",
      "CREDENTIAL_REQUIRED",
      "ON_BEHALF_OF_FORBIDDEN",
      "REVISION_TOKEN_FOREIGN",
      "STORAGE_UNAVAILABLE",
      "INTERNAL_FAULT",
      "HISTORY_FORBIDDEN",
      "HISTORY_NOT_ACCEPTED",
      "SHOWN_CREDENTIAL_REFUSED",
      "SUBJECT_MISMATCH",
      "TOO_MANY_ATTEMPTS",
    ]);
  });

  it("cuts long texts", () => {
    const long = "long ".repeat(1000);
    const error = toConnectError(new DomainError("NOT_FOUND", long, { name: long }));
    assert.ok(Buffer.byteLength(error.rawMessage) <= 1024);
    assert.ok(error.rawMessage.endsWith("…"));
    const [info] = error.findDetails(ErrorInfoSchema);
    assert.ok(Buffer.byteLength(info?.metadata["name"] ?? "") <= 768);
  });
});

describe("toStatus", () => {
  it("is what toConnectError puts on the wire", () => {
    for (const reason of reasons) {
      const failure = new DomainError(reason, "text", { a: "b" });
      const status = create(StatusSchema, toStatus(failure));
      const error = toConnectError(failure);
      assert.equal(status.code, error.code);
      assert.equal(status.message, error.rawMessage);
      const packed = error.details.map((detail) => {
        assert.ok("desc" in detail);
        return anyPack(detail.desc, create(detail.desc, detail.value));
      });
      assert.deepEqual(status.details, packed);
    }
  });
});

describe("toFailure and toAclFailure", () => {
  it("take what is no DomainError for a fault of ours, or for a check that could not be made", () => {
    const cause = new TypeError("x");
    assert.deepEqual(brief(toFailure(cause)), { reason: "INTERNAL_FAULT", cause });
    assert.deepEqual(brief(toAclFailure(cause)), { reason: "CHECK_UNAVAILABLE", cause });
  });

  it("keep every reason outside AclService, and the reasons of AclService there", () => {
    for (const reason of reasons) {
      const error = new DomainError(reason, "x");
      assert.equal(toFailure(error), error);
      const kept = aclReasons.includes(reason);
      assert.equal(toAclFailure(error).reason, kept ? reason : "CHECK_UNAVAILABLE");
      if (!kept) assert.equal(toAclFailure(error).cause, error);
    }
  });
});

describe("boundText", () => {
  it("leaves a text that fits as it is", () => {
    assert.equal(boundText("", 10), "");
    assert.equal(boundText("漢漢漢", 9), "漢漢漢");
  });

  it("cuts between characters and never exceeds the bound", () => {
    assert.equal(boundText("abcdefghijk", 10), "abcdefg…");
    assert.equal(boundText("漢漢漢漢", 10), "漢漢…");
    assert.equal(boundText("a𝔸𝔸𝔸", 9), "a𝔸…");
  });

  it("replaces unpaired surrogates, which no protocol can carry", () => {
    assert.equal(boundText("a\ud800b", 10), "a\ufffdb");
  });
});

function brief({ reason, cause }: { readonly reason: Reason; readonly cause?: unknown }): unknown {
  return { reason, cause };
}
