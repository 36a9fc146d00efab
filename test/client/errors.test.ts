import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import * as fc from "fast-check";
import {
  createClients,
  detailRegistry,
  fromStatus,
  isDenied,
  isUnavailable,
  metadataOf,
  reasonOf,
  retryDelayOf,
  revisionOf,
  toCallerError,
} from "../../src/client/index.ts";
import { DomainError, type Reason } from "../../src/domain/errors.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";
import { codes, toConnectError, toStatus } from "../../src/rpc/errors.ts";
import { bearer, openBench, type Bench } from "../rpc/support/bench.ts";
import { keys } from "../rpc/support/world.ts";

const reasons = Object.keys(codes) as Reason[];
const constantText = "the check could not be made; retry";

const overWire = (error: ConnectError): ConnectError =>
  fromStatus(
    create(StatusSchema, {
      code: error.code,
      message: error.rawMessage,
      details: error.details.map((detail) => {
        assert.ok("desc" in detail);
        return anyPack(detail.desc, create(detail.desc, detail.value));
      }),
    }),
  ) ?? assert.fail();

const errorOf = (reason: Reason): ConnectError =>
  overWire(toConnectError(new DomainError(reason, "a text", { key: "value" })));

interface Form {
  readonly code: Code;
  readonly message: string;
  readonly details: readonly string[];
}

/** What connect writes on the wire. */
function formOf(error: ConnectError): Form {
  return {
    code: error.code,
    message: error.rawMessage,
    details: error.details.map((detail) => {
      const { type, value } =
        "desc" in detail
          ? {
              type: detail.desc.typeName,
              value: toBinary(detail.desc, create(detail.desc, detail.value)),
            }
          : detail;
      return `${type} ${Buffer.from(value).toString("hex")}`;
    }),
  };
}

const constant = (reason: Reason): Form => formOf(errorOf(reason));

describe("the judgements over every reason of the server", () => {
  for (const reason of reasons) {
    const error = errorOf(reason);
    it(`${reason}: reason, denied, unavailable`, () => {
      assert.equal(reasonOf(error), reason);
      assert.equal(isDenied(error), reason === "PERMISSION_DENIED");
      const again = ["CHECK_UNAVAILABLE", "FRESHNESS_NOT_REACHED", "STORAGE_UNAVAILABLE"];
      assert.equal(isUnavailable(error), again.includes(reason));
      assert.equal(retryDelayOf(error), again.includes(reason) ? 1000 : undefined);
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

describe("toCallerError", () => {
  it("hands on no header, trailer or rendering of our hop, and serialises no cause", () => {
    const error = errorOf("PERMISSION_DENIED");
    error.metadata.set("x-request-id", "of our hop");
    const [detail] = error.details;
    assert.ok(detail !== undefined && "type" in detail);
    detail.debug = { hop: "rendering" };
    error.cause = new Error("our secret");
    const handedOn = toCallerError(error);
    assert.deepEqual([...handedOn.metadata], []);
    assert.equal(handedOn.cause, error);
    assert.doesNotMatch(JSON.stringify(handedOn), /secret|cause|rendering|hop/);
    // The log gets it.
    assert.match(inspect(handedOn), /our secret/);
  });

  const marker = "MARKER";
  const text = fc.string({ maxLength: 20 }).map((some) => marker + some);
  const detail = fc.oneof(
    fc.record({
      desc: fc.constant(ErrorInfoSchema),
      value: fc.record({
        reason: fc.oneof(
          fc.constantFrom(...reasons.slice(0, 3)),
          fc.constantFrom(...reasons),
          text,
        ),
        domain: fc.constantFrom("fleetgate", "proxy.example"),
        metadata: fc.dictionary(fc.constantFrom("a", "b"), text),
      }),
    }),
    fc.record({
      type: fc.constantFrom(ErrorInfoSchema.typeName, RetryInfoSchema.typeName, "some.Type"),
      value: fc.uint8Array({ maxLength: 20 }),
    }),
  );
  const thrown = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .record({
          message: text,
          code: fc.oneof(
            fc.constantFrom(Code.PermissionDenied, Code.Internal),
            fc.integer({ min: 1, max: 16 }),
          ),
          headers: fc.dictionary(fc.constantFrom("x-a", "x-b"), fc.constant(marker)),
          details: fc.array(detail, { maxLength: 3 }),
          cause: fc.option(text),
        })
        .map(({ message, code, headers, details, cause }) => {
          const error = new ConnectError(message, code, headers, undefined, cause);
          error.details = details;
          return error;
        }),
    },
    { weight: 1, arbitrary: text.map((message) => new Error(message)) },
    { weight: 1, arbitrary: fc.anything() },
  );

  it("is always the denial as it is, or one of two constants; of other input nothing comes through", () => {
    const constants = [constant("CHECK_UNAVAILABLE"), constant("FRESHNESS_NOT_REACHED")];
    let denials = 0;
    fc.assert(
      fc.property(thrown, (error) => {
        const handedOn = toCallerError(error);
        assert.deepEqual([...handedOn.metadata], []);
        if (isDenied(error)) {
          denials += 1;
          assert.deepEqual(formOf(handedOn), formOf(error));
          return;
        }
        const form = formOf(handedOn);
        const expected =
          retryDelayOf(error) === undefined
            ? constants
            : constants.map(({ details: [info = ""], ...rest }) => ({
                ...rest,
                details: [info, form.details[1]],
              }));
        assert.ok(
          expected.some((one) => inspect(one) === inspect(form)),
          inspect(form),
        );
        assert.doesNotMatch(JSON.stringify(form) + JSON.stringify(handedOn), /MARKER/);
        for (const detail of form.details) {
          const bytes = Buffer.from(detail.split(" ")[1] ?? "", "hex");
          assert.doesNotMatch(bytes.toString("latin1"), /MARKER/);
        }
      }),
      { numRuns: 2000 },
    );
    assert.ok(denials > 5, `only ${denials} denials`);
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
        formOf(fromStatus(toStatus(failure)) ?? assert.fail()),
        formOf(toConnectError(failure)),
      );
    });
  }
});

describe("a server over every wire", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const denied = { permission: "swarming.pools.createTask", pool: "secret" };

  it("the denial of the single call and that in the batch are one, and go on as they are", async () => {
    assert.ok(bench.wires.length > 3);
    for (const { name, transport } of bench.wires) {
      const { acl } = createClients(transport);
      const headers = bearer(keys.ann.token);
      const single = await acl.checkPoolPerm(denied, { headers }).then(
        () => assert.fail("permitted"),
        (error: unknown) => error,
      );
      assert.ok(isDenied(single), name);
      assert.ok((revisionOf(single) ?? "").length > 0);
      const { outcomes } = await acl.batchCheck(
        { checks: [{ check: { case: "pool", value: denied } }] },
        { headers },
      );
      const inBatch = fromStatus(outcomes[0]?.status);
      assert.ok(isDenied(inBatch), name);
      assert.deepEqual(formOf(inBatch), formOf(single));
      assert.deepEqual(formOf(toCallerError(inBatch)), formOf(single));
      assert.deepEqual(formOf(toCallerError(single)), formOf(single));
    }
  });

  it("a wrong key is for us, not for our caller", async () => {
    for (const { transport } of bench.wires) {
      const error = await createClients(transport)
        .acl.checkPoolPerm(denied, { headers: bearer("fg1_wrong") })
        .catch((thrown: unknown) => thrown);
      assert.equal(reasonOf(error), "CREDENTIAL_REQUIRED");
      assert.deepEqual(formOf(toCallerError(error)), constant("CHECK_UNAVAILABLE"));
    }
  });

  it("detailRegistry knows what the details are", () => {
    assert.ok(detailRegistry.getMessage("google.rpc.ErrorInfo"));
    assert.ok(detailRegistry.getMessage("google.rpc.RetryInfo"));
  });
});
