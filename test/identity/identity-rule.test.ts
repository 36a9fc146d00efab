import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Claims } from "../../src/identity/claim-template.ts";
import { mapClaims, type IdentityRule } from "../../src/identity/identity-rule.ts";
import { ruleOf, userRule } from "./support/test-issuer.ts";

/** The identity of claims, or undefined for nobody. */
function identityOf(claims: Claims, ...rules: readonly IdentityRule[]): string | undefined {
  const mapped = mapClaims(claims, rules);
  return mapped.kind === "identity" ? mapped.identity : undefined;
}

const verified = { email_verified: true };

describe("a rule for users", () => {
  const cases: readonly (readonly [email: unknown, identity: string | undefined])[] = [
    ["ann@example.com", "user:ann@example.com"],
    ["Ann.Smith+x@example.com", "user:Ann.Smith+x@example.com"],
    ["ann@example.com.evil.org", undefined],
    ["ann@evil.org", undefined],
    ["ann@evilexample.com", undefined],
    ["ann@sub.example.com", undefined],
    ["ann@example.com.", undefined],
    ["ann@EXAMPLE.com", undefined],
    ["ann@evil.org#@example.com", undefined],
    ["ann@evil.org@example.com", undefined],
    ['"ann@evil.org"@example.com', undefined],
    ["@example.com", undefined],
    ["example.com", undefined],
    ["ann", undefined],
    ["", undefined],
    ["ann@example.com\n", undefined],
    ["ann@example.com\u0000", undefined],
    ["ann @example.com", undefined],
    ["änn@example.com", undefined],
    ["аnn@example.com", undefined],
    ["ann@exаmple.com", undefined],
    ["ann\u202e@example.com", undefined],
    ["ann@example.com", "user:ann@example.com"],
    [["ann@example.com"], undefined],
    [{ toString: "ann@example.com" }, undefined],
    [7, undefined],
    [true, undefined],
    [null, undefined],
    [`${"a".repeat(600)}@example.com`, undefined],
  ];
  for (const [email, identity] of cases) {
    it(`makes ${identity ?? "nobody"} of ${JSON.stringify(email).slice(0, 40)}`, () => {
      assert.equal(identityOf({ ...verified, email }, userRule), identity);
    });
  }

  it("compares domains as they are written", () => {
    const rule = ruleOf({ kind: "user", value: "{email}", domains: ["a.example", "B.example"] });
    assert.equal(identityOf({ ...verified, email: "x@B.example" }, rule), "user:x@B.example");
    assert.equal(identityOf({ ...verified, email: "x@b.example" }, rule), undefined);
  });

  it("wants the address verified, unless it says otherwise", () => {
    const email = "ann@example.com";
    for (const email_verified of [undefined, false, null, "true", 1]) {
      assert.equal(identityOf({ email, email_verified }, userRule), undefined);
    }
    const domains = ["example.com"];
    const trusting = ruleOf({
      kind: "user",
      value: "{email}",
      domains,
      allow_unverified_email: true,
    });
    assert.equal(identityOf({ email }, trusting), "user:ann@example.com");
    const login = ruleOf({ kind: "user", value: "{upn}", domains });
    assert.equal(identityOf({ upn: email }, login), "user:ann@example.com");
  });

  it("wants the domain also when the template adds it", () => {
    const rule = ruleOf({ kind: "user", value: "{login}@example.com", domains: ["example.com"] });
    assert.equal(identityOf({ login: "ann" }, rule), "user:ann@example.com");
    assert.equal(identityOf({ login: "ann@evil.org" }, rule), undefined);
  });
});

describe("a rule for others", () => {
  it("refuses what an identity may not have, and mends nothing", () => {
    const rule = ruleOf({ value: "ci:{repository}" });
    assert.equal(identityOf({ repository: "x" }, rule), "service:ci:x");
    for (const repository of ["org/x", "org%2Fx", "org x", "ü", "x\n", "x\u0000"]) {
      assert.equal(identityOf({ repository }, rule), undefined, JSON.stringify(repository));
    }
  });

  it("tries no other rule when the one that fits makes no good identity", () => {
    const rules = [ruleOf({ value: "{a}" }), ruleOf({ value: "{b}" })];
    assert.equal(identityOf({ a: "good", b: "other" }, ...rules), "service:good");
    assert.equal(identityOf({ a: "not good", b: "other" }, ...rules), undefined);
    assert.equal(identityOf({ b: "other" }, ...rules), "service:other");
    assert.equal(identityOf({ a: "", b: "other" }, ...rules), "service:other");
    assert.equal(identityOf({ a: ["x"], b: "other" }, ...rules), undefined);
  });

  it("fits when all its conditions hold", () => {
    const when = { repository: ["org/x", "org/y"], ref: ["refs/heads/main"] };
    const rule = ruleOf({ value: "ci", when });
    const good = { repository: "org/y", ref: "refs/heads/main" };
    assert.equal(identityOf(good, rule), "service:ci");
    for (const change of [
      { repository: "org/z" },
      { repository: undefined },
      { repository: "Org/x" },
      { repository: "org/x " },
      { ref: "refs/heads/main2" },
      { ref: null },
      { ref: { "refs/heads/main": true } },
      { ref: [["refs/heads/main"]] },
    ]) {
      assert.equal(identityOf({ ...good, ...change }, rule), undefined, JSON.stringify(change));
    }
    assert.equal(identityOf({ ...good, ref: ["a", "refs/heads/main"] }, rule), "service:ci");
  });

  it("compares numbers and truth values as JSON writes them", () => {
    const rule = ruleOf({ value: "ci", when: { n: ["7"], b: ["true"] } });
    assert.equal(identityOf({ n: 7, b: true }, rule), "service:ci");
    assert.equal(identityOf({ n: 8, b: true }, rule), undefined);
    assert.equal(identityOf({ n: 7, b: false }, rule), undefined);
  });

  it("takes no number for another that JSON tells apart from it and we do not", () => {
    const id = "9007199254740992";
    const rule = ruleOf({ value: "ci", when: { n: [id] } });
    assert.equal(identityOf({ n: id }, rule), "service:ci");
    for (const written of ["9007199254740993", id, "[9007199254740993]"]) {
      const claims = JSON.parse(`{"n":${written}}`) as Claims;
      assert.equal(identityOf(claims, rule), undefined, written);
    }
    const safe = ruleOf({ value: "ci", when: { n: ["9007199254740991"] } });
    assert.equal(identityOf({ n: 9007199254740991 }, safe), "service:ci");
    const fraction = ruleOf({ value: "ci", when: { n: ["1.5"] } });
    assert.equal(identityOf({ n: 1.5 }, fraction), "service:ci");
  });

  it("takes no claim from the prototype", () => {
    assert.equal(identityOf({}, ruleOf({ value: "{constructor}" })), undefined);
    const rule = ruleOf({ value: "ci", when: { toString: ["x"] } });
    assert.equal(identityOf({}, rule), undefined);
    assert.equal(identityOf({}), undefined);
  });
});

describe("a template", () => {
  const separators = fc.constantFrom(":", "-", ".", "a", ":a", "::", "_x");
  const value = fc.string({ unit: fc.constantFrom("a", "b", ":", "-", ".", "_"), minLength: 1 });

  it("never makes one identity of two different subjects", () => {
    const subject = fc.record({ x: value, y: value, z: value });
    fc.assert(
      fc.property(separators, separators, subject, subject, (one, two, left, right) => {
        const rule = ruleOf({ value: `p${one}{x}${one}{y}${two}{z}` });
        const [first, second] = [identityOf(left, rule), identityOf(right, rule)];
        if (first === undefined || first !== second) return;
        assert.deepEqual(left, right);
      }),
      { numRuns: 5000 },
    );
  });

  it("takes most ordinary subjects", () => {
    const rule = ruleOf({ value: "gitlab:{project_id}:{environment}" });
    assert.equal(
      identityOf({ project_id: "42", environment: "prod" }, rule),
      "service:gitlab:42:prod",
    );
    const shifted = { project_id: "42:prod", environment: "x" };
    assert.equal(identityOf(shifted, rule), undefined);
  });
});
