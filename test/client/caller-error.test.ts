import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { Code, ConnectError } from "@connectrpc/connect";
import * as fc from "fast-check";
import { isDenied, retryDelayOf, toCallerError } from "../../src/client/index.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { constant, errorOf, formOf, reasons } from "./support/errors.ts";

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
