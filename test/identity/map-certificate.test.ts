import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { CertificateRuleFields } from "../../src/identity/certificate-rule.ts";
import { mapCertificate } from "../../src/identity/map-certificate.ts";
import {
  certificate,
  dns,
  email,
  host,
  rulesOf,
  spiffe,
  type Verified,
} from "./support/certificate-rules.ts";

type Row = readonly [
  what: string,
  rules: readonly CertificateRuleFields[],
  names: Partial<Verified>,
  identity: string | undefined,
];

const rows: readonly Row[] = [
  ["no rule: nobody", [], { commonName: "a" }, undefined],
  [
    "SPIFFE: parts of the path",
    [spiffe],
    { uris: ["spiffe://example.org/ns/a/sa/b-1"] },
    "service:a:b-1",
  ],
  [
    "SPIFFE: another trust domain",
    [spiffe],
    { uris: ["spiffe://example.com/ns/a/sa/b"] },
    undefined,
  ],
  [
    "SPIFFE: a trust domain below",
    [spiffe],
    { uris: ["spiffe://a.example.org/ns/a/sa/b"] },
    undefined,
  ],
  ["SPIFFE: a longer path", [spiffe], { uris: ["spiffe://example.org/ns/a/sa/b/c"] }, undefined],
  ["SPIFFE: a shorter path", [spiffe], { uris: ["spiffe://example.org/ns/a/sa"] }, undefined],
  ["SPIFFE: no path", [spiffe], { uris: ["spiffe://example.org"] }, undefined],
  [
    "SPIFFE: an encoded slash",
    [spiffe],
    { uris: ["spiffe://example.org/ns/a%2Fsa/sa/b"] },
    undefined,
  ],
  ["SPIFFE: two URIs", [spiffe], { uris: ["spiffe://example.org/ns/a/sa/b", "urn:x"] }, undefined],
  [
    "SPIFFE: the same URI twice",
    [spiffe],
    { uris: ["spiffe://example.org/ns/a/sa/b", "spiffe://example.org/ns/a/sa/b"] },
    undefined,
  ],
  [
    "SPIFFE: other names do not count beside it",
    [host, dns, email],
    {
      uris: ["spiffe://example.org/ns/a/sa/b"],
      commonName: "root",
      dnsNames: ["a.bots.example.org"],
      emails: ["a@example.org"],
    },
    undefined,
  ],
  [
    "SPIFFE: nor beside one that is malformed",
    [host],
    { uris: ["SPIFFE://example.org/ns/a"], commonName: "root" },
    undefined,
  ],
  [
    "SPIFFE: a fixed identity",
    [{ ...spiffe, path: "/scheduler", value: "scheduler" }],
    { uris: ["spiffe://example.org/scheduler"] },
    "service:scheduler",
  ],
  [
    "SPIFFE: what the star stands for is not kept",
    [{ ...spiffe, path: "/cluster/*/sa/{sa}", value: "{sa}" }],
    { uris: ["spiffe://example.org/cluster/c1/sa/b"] },
    "service:b",
  ],
  [
    "SPIFFE: the star is one segment",
    [{ ...spiffe, path: "/cluster/*/sa/{sa}", value: "{sa}" }],
    { uris: ["spiffe://example.org/cluster/c1/x/sa/b"] },
    undefined,
  ],
  [
    "SPIFFE: a dot of a pattern is a dot",
    [{ ...spiffe, path: "/a.b", value: "x" }],
    { uris: ["spiffe://example.org/aXb"] },
    undefined,
  ],
  [
    "SPIFFE: what a project may not hold makes nobody, not another",
    [
      { ...spiffe, path: "/{p}", kind: "project", value: "{p}" },
      { ...spiffe, path: "/{p}", kind: "service", value: "{p}" },
    ],
    { uris: ["spiffe://example.org/Web"] },
    undefined,
  ],
  ["common name", [host], { commonName: "bot-1.example.org" }, "bot:bot-1.example.org"],
  ["common name: with a space", [host], { commonName: "bot 1" }, undefined],
  ["common name: with a trailing line break", [host], { commonName: "bot\n" }, undefined],
  ["common name: with a colon", [host], { commonName: "bot:1" }, undefined],
  ["common name: outside of ASCII", [host], { commonName: "b\u043et" }, undefined],
  ["common name: none", [host], {}, undefined],
  ["common name: too long", [host], { commonName: "a".repeat(600) }, undefined],
  [
    "common name: a fixed part",
    [{ common_name: "system:serviceaccount:{ns}:{sa}", kind: "service", value: "{ns}:{sa}" }],
    { commonName: "system:serviceaccount:a:b" },
    "service:a:b",
  ],
  ["DNS", [dns], { dnsNames: ["a.bots.example.org"] }, "bot:a"],
  ["DNS: in capitals", [dns], { dnsNames: ["A.Bots.Example.ORG"] }, "bot:a"],
  ["DNS: two labels where one is wanted", [dns], { dnsNames: ["b.a.bots.example.org"] }, undefined],
  ["DNS: a wildcard", [dns], { dnsNames: ["*.bots.example.org"] }, undefined],
  ["DNS: a suffix more", [dns], { dnsNames: ["a.bots.example.org.evil.com"] }, undefined],
  ["DNS: a trailing dot", [dns], { dnsNames: ["a.bots.example.org."] }, undefined],
  [
    "DNS: others that match nothing",
    [dns],
    { dnsNames: ["www.example.org", "a.bots.example.org"] },
    "bot:a",
  ],
  [
    "DNS: two of the same identity",
    [dns],
    { dnsNames: ["a.bots.example.org", "A.bots.example.org"] },
    "bot:a",
  ],
  [
    "DNS: two of different identities are nobody's, by no later rule either",
    [dns, host],
    { dnsNames: ["a.bots.example.org", "b.bots.example.org"], commonName: "c" },
    undefined,
  ],
  ["DNS: not the common name", [dns], { commonName: "a.bots.example.org" }, undefined],
  ["email", [email], { emails: ["alice@example.org"] }, "user:alice@example.org"],
  [
    "email: what stands before the @ as it is written",
    [email],
    { emails: ["Alice@example.org"] },
    "user:Alice@example.org",
  ],
  ["email: the domain in capitals", [email], { emails: ["alice@EXAMPLE.org"] }, undefined],
  ["email: another domain", [email], { emails: ["alice@example.com"] }, undefined],
  ["email: a domain below", [email], { emails: ["alice@a.example.org"] }, undefined],
  ["email: two at signs", [email], { emails: ["alice@evil.com@example.org"] }, undefined],
  ["email: a quoted local part", [email], { emails: ['"a b"@example.org'] }, undefined],
  [
    "email: what a bot may not hold makes nobody",
    [{ ...email, kind: "bot", value: "{name}" }],
    { emails: ["a+b@example.org"] },
    undefined,
  ],
  [
    "the first rule that matches decides",
    [{ common_name: "a", kind: "service", value: "first" }, host],
    { commonName: "a" },
    "service:first",
  ],
  [
    "a rule that does not match leaves it to the next",
    [{ common_name: "a", kind: "service", value: "first" }, host],
    { commonName: "b" },
    "bot:b",
  ],
  [
    "organization: the same",
    [{ ...host, organization: "Ex" }],
    { commonName: "a", organizations: ["Ab", "Ex"] },
    "bot:a",
  ],
  [
    "organization: another case",
    [{ ...host, organization: "Ex" }],
    { commonName: "a", organizations: ["ex"] },
    undefined,
  ],
  [
    "organization: longer",
    [{ ...host, organization: "Ex" }],
    { commonName: "a", organizations: ["Ex Ltd"] },
    undefined,
  ],
  ["organization: none", [{ ...host, organization: "Ex" }], { commonName: "a" }, undefined],
  [
    "organization: not the unit",
    [{ ...host, organization: "Ex" }],
    { commonName: "a", organizationalUnits: ["Ex"] },
    undefined,
  ],
  [
    "organizational unit",
    [{ ...host, organizational_unit: "bots" }],
    { commonName: "a", organizationalUnits: ["bots"] },
    "bot:a",
  ],
  [
    "both constraints, and one does not hold",
    [{ ...host, organization: "Ex", organizational_unit: "bots" }],
    { commonName: "a", organizationalUnits: ["bots"] },
    undefined,
  ],
];

describe("mapCertificate", () => {
  for (const [what, fields, names, identity] of rows) {
    it(`${what} -> ${identity ?? "nobody"}`, () => {
      assert.equal(mapCertificate(certificate(names), rulesOf(...fields)), identity);
    });
  }

  it("takes certificates that are not verified for nobody's", () => {
    const rules = rulesOf({ common_name: "*", kind: "bot", value: "a" }, host);
    assert.equal(mapCertificate({ kind: "none" }, rules), undefined);
    assert.equal(mapCertificate({ kind: "bad" }, rules), undefined);
  });

  it("gives different SPIFFE IDs of a rule different identities", () => {
    const rules = rulesOf(spiffe);
    const segment = fc.stringMatching(/^[a-z._-]{1,3}$/);
    const pair = fc
      .tuple(segment, segment)
      .map(([ns, sa]) => `spiffe://example.org/ns/${ns}/sa/${sa}`);
    fc.assert(
      fc.property(pair, pair, (one, other) => {
        const [first, second] = [one, other].map((uri) =>
          mapCertificate(certificate({ uris: [uri] }), rules),
        );
        if (first !== undefined && first === second) assert.equal(one, other);
      }),
      { numRuns: 2000 },
    );
  });
});
