import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { credentialHint } from "../../src/cli/credential-hint.ts";
import { formatBearerToken, type BearerTokenKind } from "../../src/domain/bearer-token.ts";

const hintOf = (headers: readonly (readonly [string, string])[]): string =>
  credentialHint({ headerFile: "a$&.header", headers, clientCertFile: undefined });

describe("the hint about a refused credential", () => {
  const kinds: readonly (readonly [BearerTokenKind, RegExp])[] = [
    ["ak", /expired, revoked, .*key create --bootstrap/],
    ["bb", /boot token/],
    ["bs", /session token/],
    ["br", /session take-over/],
    ["tk", /of a task/],
    ["cl", /claim present/],
    ["en", /used up.*runner enroll/],
    ["rn", /credential rotate/],
  ];
  for (const [kind, expected] of kinds) {
    it(`says what ends ${kind}, names its file, and no more of it`, () => {
      const token = formatBearerToken({ kind, id: "i".repeat(16), secret: "s".repeat(43) });
      const hint = hintOf([["authorization", `Bearer ${token}`]]);
      assert.match(hint, expected);
      assert.ok(hint.includes(" in a$&.header "));
      assert.ok(!hint.includes("sss"));
      // Only a key is mended by another one.
      assert.equal(hint.includes("--bootstrap"), kind === "ak");
    });
  }

  it("takes a token of somebody else for a key, and a file without any for what it is", () => {
    assert.match(hintOf([["Authorization", "Bearer eyJ"]]), /expired/);
    assert.match(hintOf([["X-Other", "1"]]), /holds no credential/);
    assert.match(hintOf([]), /holds no credential/);
  });
});
