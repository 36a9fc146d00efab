import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  requestedAudiences,
  requestedLifetime,
  requestedUuid,
} from "../../../src/commands/credential/fields.ts";
import { hasReason } from "../../support/errors.ts";

describe("requestedAudiences", () => {
  it("is what the request lists, each once", () => {
    assert.deepEqual(requestedAudiences([]), []);
    assert.deepEqual(requestedAudiences(["b", "a.b_c-9", "b"]), ["a.b_c-9", "b"]);
    assert.equal(requestedAudiences(Array.from({ length: 16 }, (_, i) => `a${i}`)).length, 16);
  });

  for (const bad of ["", "A", "a b", "a".repeat(65), "ä", "a\n"]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      assert.throws(
        () => requestedAudiences(["a", bad]),
        hasReason("INVALID_FIELD", { field: "audiences" }),
      );
    });
  }

  it("refuses more than 16", () => {
    const many = Array.from({ length: 17 }, () => "a");
    assert.throws(() => requestedAudiences(many), hasReason("INVALID_FIELD"));
  });
});

it("requestedUuid takes UUIDs of either case and nothing else", () => {
  const uuid = "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e";
  assert.equal(requestedUuid("uid", uuid.toUpperCase()), uuid);
  for (const bad of ["", "x", `${uuid}\n`, `{${uuid}}`, uuid.replaceAll("-", "")]) {
    assert.throws(() => requestedUuid("uid", bad), hasReason("INVALID_FIELD", { field: "uid" }));
  }
});

describe("requestedLifetime", () => {
  const lifetimes = { min: 1000, max: 5000, usual: 2000, words: "1 to 5 seconds" };

  it("is within its bounds, which belong to it, in whole milliseconds", () => {
    assert.equal(requestedLifetime("ttl", undefined, lifetimes), 2000);
    assert.equal(requestedLifetime("ttl", 1000, lifetimes), 1000);
    assert.equal(requestedLifetime("ttl", 1000.9, lifetimes), 1000);
    assert.equal(requestedLifetime("ttl", 5000, lifetimes), 5000);
  });

  for (const bad of [999, 5001, 0, -1, Number.NaN, Infinity, 1e300]) {
    it(`refuses ${bad} (GH3)`, () => {
      assert.throws(
        () => requestedLifetime("ttl", bad, lifetimes),
        hasReason("INVALID_FIELD", { field: "ttl", rule: "must be 1 to 5 seconds" }),
      );
    });
  }
});
