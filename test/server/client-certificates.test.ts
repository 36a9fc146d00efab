import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { readAuthorities } from "../../src/server/client-authorities.ts";
import { createClientCertificates } from "../../src/server/client-certificates.ts";
import {
  createAuthority,
  selfSigned,
  type CertificateOptions,
  type TestCertificate,
} from "../support/certificates.ts";
import { ca, good, middle, otherCa, throughMiddle } from "./support/client-authorities.ts";
import { openTlsBench, provenBy, provenOverHttp1 } from "./support/tls-bench.ts";

const timeout = 30_000;
const noAuthority = await ca.issueAuthority("no authority", { isAuthority: false });

async function throughNoAuthority(): Promise<TestCertificate> {
  const { cert, key } = await noAuthority.issue();
  return { cert: cert + noAuthority.cert, key };
}

describe("what a client certificate proves", { timeout }, () => {
  it("is nothing without one", async (t) => {
    const bench = await openTlsBench(t, [ca]);
    assert.deepEqual(await provenBy(await bench.connect()), { kind: "none" });
    assert.deepEqual(await provenOverHttp1(bench), { kind: "none" });
  });

  it("is its names, over HTTP/2 and HTTP/1.1, when an authority vouches for it", async (t) => {
    const bench = await openTlsBench(t, [ca]);
    const credential = await ca.issue({
      subject: [{ O: ["Example"] }, { OU: ["a", "b"] }, { CN: ["builder"] }],
      san: [
        { type: "url", value: "spiffe://example.org/builder" },
        { type: "dns", value: "b.example.org" },
        { type: "email", value: "b@example.org" },
        { type: "ip", value: "10.0.0.1" },
      ],
    });
    const { validFromDate, validToDate, fingerprint256 } = new X509Certificate(credential.cert);
    const expected = {
      kind: "verified",
      commonName: "builder",
      organizations: ["Example"],
      organizationalUnits: ["a", "b"],
      uris: ["spiffe://example.org/builder"],
      dnsNames: ["b.example.org"],
      emails: ["b@example.org"],
      fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(),
      validFrom: validFromDate.getTime(),
      validTo: validToDate.getTime(),
    };
    const session = await bench.connect(credential);
    assert.deepEqual(await provenBy(session), expected);
    assert.deepEqual(await provenBy(session), expected);
    assert.deepEqual(await provenOverHttp1(bench, credential), expected);
  });

  const now = Date.now();
  for (const [what, issue] of [
    ["of another authority", () => otherCa.issue()],
    ["of nobody but itself", () => selfSigned()],
    ["of another authority with the same name", async () => (await createAuthority("ca")).issue()],
    ["expired", () => ca.issue({ notAfter: new Date(now - 60_000) })],
    ["not yet valid", () => ca.issue({ notBefore: new Date(now + 3_600_000) })],
    ["for servers only", () => ca.issue({ usages: ["server"] })],
    ["that may issue certificates itself", () => Promise.resolve(middle)],
    ["without the one between it and the authority", () => middle.issue()],
    ["with an intermediate that is no authority", () => throughNoAuthority()],
    ["with a quote in a name", () => ca.issue({ san: [{ type: "dns", value: 'a"b' }] })],
    [
      "with a name in a name",
      () => ca.issue({ san: [{ type: "url", value: "urn:a, URI:spiffe://example.org/admin" }] }),
    ],
    ["with a null byte in a name", () => ca.issue({ san: [{ type: "dns", value: "a\u0000.b" }] })],
    ["with a line break in a name", () => ca.issue({ san: [{ type: "email", value: "a@b\nc" }] })],
    ["with a null byte in the common name", () => ca.issue({ subject: [{ CN: ["a\u0000b"] }] })],
    ["with a line break in the organization", () => ca.issue({ subject: [{ O: ["a\nCN=b"] }] })],
    [
      "with more than 100 names",
      () =>
        ca.issue({
          san: Array.from({ length: 101 }, (_, index) => ({
            type: "dns" as const,
            value: `h${index}.example.org`,
          })),
        }),
    ],
  ] as const) {
    it(`is worse than none: ${what}`, async (t) => {
      const bench = await openTlsBench(t, [ca]);
      const credential = await issue();
      assert.deepEqual(await provenBy(await bench.connect(credential)), { kind: "bad" });
      assert.deepEqual(await provenOverHttp1(bench, credential), { kind: "bad" });
    });
  }

  const harmless: readonly (readonly [string, CertificateOptions])[] = [
    ["says nothing of its use", { usages: null }],
    ["is for clients only", { usages: ["client"] }],
    ["has no subject", { subject: [] }],
  ];
  for (const [what, options] of harmless) {
    it(`is its names when it ${what}`, async (t) => {
      const bench = await openTlsBench(t, [ca]);
      const session = await bench.connect(await ca.issue(options));
      assert.equal((await provenBy(session)).kind, "verified");
    });
  }

  it("is its names when an authority vouches for the one that vouches for it", async (t) => {
    const bench = await openTlsBench(t, [ca]);
    const proven = await provenBy(await bench.connect(await throughMiddle()));
    assert.ok(proven.kind === "verified" && proven.commonName === "deep");
  });

  it("is nothing by an authority whose root is not among the authorities", async (t) => {
    const bench = await openTlsBench(t, [middle]);
    assert.deepEqual(await provenBy(await bench.connect(await middle.issue())), { kind: "bad" });
  });

  it("is no common name when there are several", async (t) => {
    const bench = await openTlsBench(t, [ca]);
    const session = await bench.connect(
      await ca.issue({ subject: [{ CN: ["a"] }, { CN: ["b"] }] }),
    );
    const proven = await provenBy(session);
    assert.ok(proven.kind === "verified" && proven.commonName === "");
  });

  it("ends when its time ends, though the connection goes on", async (t) => {
    const bench = await openTlsBench(t, [ca]);
    const session = await bench.connect(good);
    const proven = await provenBy(session);
    assert.ok(proven.kind === "verified");
    bench.time = proven.validTo - 1;
    assert.deepEqual(await provenBy(session), proven);
    bench.time = proven.validTo;
    assert.deepEqual(await provenBy(session), { kind: "bad" });
    bench.time = proven.validFrom - 1;
    assert.deepEqual(await provenBy(session), { kind: "bad" });
    bench.time = proven.validFrom;
    assert.deepEqual(await provenBy(session), proven);
  });
});

describe("a request whose connection is not known", () => {
  const request = { socket: {} } as IncomingMessage;

  it("proves less than nothing where clients are asked for certificates, and nothing elsewhere", () => {
    const certificates = createClientCertificates(Date.now);
    assert.deepEqual(certificates.of(request), { kind: "none" });
    const authorities = readAuthorities(Buffer.from(ca.cert));
    assert.ok(authorities !== undefined);
    certificates.setAuthorities(authorities);
    assert.deepEqual(certificates.of(request), { kind: "bad" });
  });
});
