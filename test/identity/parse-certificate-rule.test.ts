import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CertificateRuleFields } from "../../src/identity/certificate-rule.ts";
import { parseCertificateRule } from "../../src/identity/parse-certificate-rule.ts";
import { dns, email, host, spiffe } from "./support/certificate-rules.ts";

describe("parseCertificateRule", () => {
  const refused: readonly (readonly [string, CertificateRuleFields, readonly string[]])[] = [
    ["no name to look at", { kind: "bot", value: "a" }, ["common_name"]],
    ["two names to look at", { ...host, dns: "a.b" }, ["dns"]],
    ["nothing at all", {}, ["common_name", "kind", "value"]],
    ["SPIFFE without a path", { ...spiffe, path: "" }, ["path"]],
    ["a path without SPIFFE", { ...host, path: "/a" }, ["path"]],
    [
      "a trust domain in capitals",
      { ...spiffe, spiffe_trust_domain: "Example.org" },
      ["spiffe_trust_domain"],
    ],
    [
      "a trust domain with a scheme",
      { ...spiffe, spiffe_trust_domain: "spiffe://a" },
      ["spiffe_trust_domain"],
    ],
    ["a path without its slash", { ...spiffe, path: "ns/{ns}/sa/{sa}" }, ["path"]],
    ["a path with an empty segment", { ...spiffe, path: "/ns//{ns}/{sa}" }, ["path"]],
    ["a path that ends with a slash", { ...spiffe, path: "/{ns}/{sa}/" }, ["path"]],
    ["a path with dots", { ...spiffe, path: "/../{ns}/{sa}" }, ["path"]],
    ["a path with a query", { ...spiffe, path: "/{ns}/{sa}?a" }, ["path"]],
    ["gaps that touch", { ...spiffe, path: "/{ns}{sa}" }, ["path"]],
    ["gaps that could take from each other", { ...spiffe, path: "/{ns}-{sa}" }, ["path"]],
    ["a gap twice", { ...spiffe, path: "/{ns}/{ns}", value: "{ns}" }, ["path"]],
    ["an open brace", { ...spiffe, path: "/{ns", value: "a" }, ["path"]],
    ["a gap in capitals", { ...host, common_name: "{Host}", value: "a" }, ["common_name"]],
    ["a value whose gaps could take from each other", { ...spiffe, value: "{ns}-{sa}" }, ["value"]],
    [
      "a value with two words in a kind that has nothing between them",
      { ...spiffe, kind: "project", value: "{ns}:{sa}" },
      ["value"],
    ],
    ["a value that leaves a word out", { ...spiffe, value: "{ns}" }, ["value"]],
    ["a value with an unknown word", { ...host, value: "{name}" }, ["value"]],
    ["a value with a star", { ...host, common_name: "*", value: "*" }, ["value"]],
    ["no value", { ...host, value: "" }, ["value"]],
    ["a value that the kind does not hold", { ...host, value: "a b/{host}" }, ["value"]],
    ["a user without a domain", { ...host, kind: "user" }, ["value"]],
    ["kind anonymous", { ...host, kind: "anonymous", value: "anonymous" }, ["kind"]],
    ["kind task", { ...host, kind: "task" }, ["kind"]],
    ["an unknown kind", { ...host, kind: "Bot" }, ["kind"]],
    ["a DNS pattern in capitals", { ...dns, dns: "{host}.Example.org" }, ["dns"]],
    ["a DNS pattern with an empty label", { ...dns, dns: "{host}..org" }, ["dns"]],
    ["a mail pattern without a domain", { ...email, email: "{name}" }, ["email"]],
    [
      "a mail pattern with an open domain",
      { ...email, email: "{name}@{domain}.org", value: "{name}@{domain}.org" },
      ["email"],
    ],
    ["a mail pattern with a star for a domain", { ...email, email: "{name}@*" }, ["email"]],
    ["control characters", { ...host, common_name: "a\u0000{host}" }, ["common_name"]],
    ["control characters in an organization", { ...host, organization: "a\n" }, ["organization"]],
    ["a long pattern", { ...host, common_name: `{host}${"a".repeat(500)}` }, ["common_name"]],
  ];
  for (const [what, fields, at] of refused) {
    it(`refuses ${what}`, () => {
      const { rule, problems } = parseCertificateRule(fields);
      assert.equal(rule, undefined);
      assert.deepEqual(
        problems.map(({ field }) => field),
        at,
        JSON.stringify(problems),
      );
    });
  }

  it("takes an empty field for absent", () => {
    const { rule } = parseCertificateRule({ ...host, dns: "", organization: "" });
    assert.deepEqual([rule?.organization, rule?.source], [undefined, { name: "common_name" }]);
  });
});
