import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  fromStatus,
  isDenied,
  isUnavailable,
  metadataOf,
  reasonOf,
  retryDelayOf,
  toCallerError,
} from "../../src/client/index.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";
import { toConnectError, toStatus } from "../../src/rpc/errors.ts";
import { constant, errorOf, formOf, reasons } from "./support/errors.ts";

const constantText = "the check could not be made; retry";

describe("the judgements over every reason of the server", () => {
  for (const reason of reasons) {
    const error = errorOf(reason);
    it(`${reason}: reason, denied, unavailable`, () => {
      assert.equal(reasonOf(error), reason);
      assert.equal(isDenied(error), reason === "PERMISSION_DENIED");
      const again = ["CHECK_UNAVAILABLE", "FRESHNESS_NOT_REACHED", "STORAGE_UNAVAILABLE"];
      assert.equal(isUnavailable(error), again.includes(reason));
      const isDelayed = [...again, "TOO_MANY_ATTEMPTS"].includes(reason);
      assert.equal(retryDelayOf(error), isDelayed ? 1000 : undefined);
    });

    it(`${reason}: the caller gets the denial, the same INTERNAL, or the constant one`, () => {
      const handedOn = ["PERMISSION_DENIED", "CHECK_UNAVAILABLE", "FRESHNESS_NOT_REACHED"];
      const expected = handedOn.includes(reason) ? formOf(error) : constant("CHECK_UNAVAILABLE");
      assert.deepEqual(formOf(toCallerError(error)), expected);
    });
  }

  it("metadata is what the server says, and empty for others", () => {
    assert.deepEqual(metadataOf(errorOf("INVALID_FIELD")), { key: "value" });
    assert.deepEqual(metadataOf(new Error("x")), {});
  });
});

describe("what others make", () => {
  const foreignInfo = { reason: "PERMISSION_DENIED", domain: "proxy.example", metadata: {} };
  const table: readonly (readonly [name: string, error: unknown, isUnavailable: boolean])[] = [
    ["the 403 of a proxy", new ConnectError("HTTP 403", Code.PermissionDenied), false],
    [
      "a denial of another domain",
      new ConnectError("no", Code.PermissionDenied, undefined, [
        { desc: ErrorInfoSchema, value: foreignInfo },
      ]),
      false,
    ],
    ["a connection that is refused", new ConnectError("refused", Code.Unavailable), true],
    ["a deadline", new ConnectError("late", Code.DeadlineExceeded), false],
    ["an INTERNAL of the transport", new ConnectError(constantText, Code.Internal), false],
    [
      "a fetch without connection",
      ConnectError.from(new TypeError("Failed to fetch"), Code.Unknown),
      true,
    ],
    ["a string", "fg1_ak_secret", false],
    ["nothing", undefined, false],
    ["an Error", new Error("own fault"), false],
  ];
  for (const [name, error, unavailable] of table) {
    it(`${name} is no denial and no reason, and the caller gets the constant INTERNAL`, () => {
      assert.equal(isDenied(error), false);
      assert.equal(isUnavailable(error), unavailable);
      assert.equal(reasonOf(error), undefined);
      const handedOn = toCallerError(error);
      assert.deepEqual(formOf(handedOn), constant("CHECK_UNAVAILABLE"));
      assert.equal(handedOn.cause, error);
    });
  }

  it("a denial under another code is none", () => {
    const error = new ConnectError("no", Code.Unknown);
    error.details = errorOf("PERMISSION_DENIED").details;
    assert.equal(reasonOf(error), "PERMISSION_DENIED");
    assert.equal(isDenied(error), false);
  });
});

describe("fromStatus", () => {
  it("is undefined for code 0, and an error when there is no status", () => {
    assert.equal(fromStatus(create(StatusSchema)), undefined);
    assert.equal(fromStatus(undefined)?.code, Code.Unknown);
  });

  it("makes of a code that nobody knows UNKNOWN", () => {
    assert.equal(fromStatus(create(StatusSchema, { code: 99 }))?.code, Code.Unknown);
    assert.equal(fromStatus(create(StatusSchema, { code: -1 }))?.code, Code.Unknown);
  });

  for (const reason of reasons) {
    it(`makes of the status of ${reason} what the single call throws`, () => {
      const failure = new DomainError(reason, "a text", { key: "value" });
      assert.deepEqual(
        formOf(fromStatus(create(StatusSchema, toStatus(failure))) ?? assert.fail()),
        formOf(toConnectError(failure)),
      );
    });
  }
});
