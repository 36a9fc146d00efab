import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect as connectTls } from "node:tls";
import { describe, it, type TestContext } from "node:test";
import {
  readAuthorities,
  stillVouched,
  type ClientAuthorities,
} from "../../src/server/client-authorities.ts";
import { createClientCertificates } from "../../src/server/client-certificates.ts";
import {
  createAuthority,
  selfSigned,
  type CertificateOptions,
  type TestCertificate,
} from "../support/certificates.ts";
import {
  openTlsBench,
  provenBy,
  provenOverHttp1,
  writeAuthorities,
  type TlsBench,
} from "./support/tls-bench.ts";

const timeout = 30_000;
const ca = await createAuthority("ca");
const otherCa = await createAuthority("other");
const namesake = await createAuthority("ca");
const middle = await ca.issueAuthority("middle");
const good = await ca.issue({ subject: [{ CN: ["good"] }, { O: ["Example"] }] });

const noAuthority = await ca.issueAuthority("no authority", { isAuthority: false });

async function throughMiddle(): Promise<TestCertificate> {
  const { cert, key } = await middle.issue({ subject: [{ CN: ["deep"] }] });
  return { cert: cert + middle.cert, key };
}

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

describe("stillVouched", () => {
  function authorities(...given: readonly TestCertificate[]): ClientAuthorities {
    const read = readAuthorities(Buffer.from(given.map(({ cert }) => cert).join("")));
    assert.ok(read !== undefined);
    return read;
  }

  it("tells authorities of one name from each other by their keys", () => {
    const certificate = new X509Certificate(good.cert);
    const both = authorities(ca, namesake);
    assert.equal(stillVouched(certificate, both, authorities(ca)), true);
    assert.equal(stillVouched(certificate, both, authorities(namesake)), false);
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

describe("a change of the authorities", { timeout }, () => {
  it("takes what a removed one vouched for as bad, in open connections too, and asks them to end", async (t) => {
    const bench = await openTlsBench(t, [ca, otherCa]);
    const session = await bench.connect(good);
    const held = session.request({ ":path": "/", ":method": "POST" });
    held.setEncoding("utf8");
    const kept = await bench.connect(await otherCa.issue());
    assert.equal((await provenBy(session)).kind, "verified");
    const goaways = [once(session, "goaway"), once(kept, "goaway")];
    writeAuthorities(bench.files, [otherCa]);
    await Promise.all(goaways);
    await bench.reloaded("ok", 1);
    held.end();
    assert.deepEqual(await provenBy(await bench.connect(good)), { kind: "bad" });
    assert.equal((await provenBy(await bench.connect(await otherCa.issue()))).kind, "verified");
  });
});

// A connection of HTTP/1.1 takes one more request after it was asked to end.
async function keepAlive(
  t: TestContext,
  bench: TlsBench,
  credential: TestCertificate,
): Promise<() => Promise<string | undefined>> {
  const { port } = bench.listener;
  const ca = bench.serverCa.cert;
  const socket = connectTls({ port, host: "127.0.0.1", ca, ...credential });
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  return async () => {
    socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    let text = "";
    while (!text.includes('"kind"')) {
      const [chunk] = (await once(socket, "data")) as [Buffer];
      text += chunk.toString();
    }
    return /"kind":"([a-z]+)"/.exec(text)?.[1];
  };
}

describe("an open connection, after a change of the authorities", { timeout }, () => {
  for (const [what, before, after, issue, first, then] of [
    [
      "is bad when its authority was removed",
      [ca, otherCa],
      [otherCa],
      () => Promise.resolve(good),
      "verified",
      "bad",
    ],
    [
      "is bad when its authority was replaced",
      [ca],
      [otherCa],
      () => Promise.resolve(good),
      "verified",
      "bad",
    ],
    [
      "is bad when its authority was replaced by one of the same name",
      [ca],
      [namesake],
      () => Promise.resolve(good),
      "verified",
      "bad",
    ],
    [
      "goes on when another authority was added",
      [ca],
      [ca, otherCa],
      () => Promise.resolve(good),
      "verified",
      "verified",
    ],
    [
      "goes on when another authority was removed",
      [ca, otherCa],
      [ca],
      () => Promise.resolve(good),
      "verified",
      "verified",
    ],
    [
      "goes on when another authority was added and its chain is not known",
      [ca],
      [ca, otherCa],
      throughMiddle,
      "verified",
      "verified",
    ],
    [
      "goes on when its chain of authorities was kept",
      [ca, middle, otherCa],
      [ca, middle],
      () => middle.issue(),
      "verified",
      "verified",
    ],
    [
      "is bad when the root of its chain of authorities was removed",
      [ca, middle],
      [middle],
      () => middle.issue(),
      "verified",
      "bad",
    ],
    [
      "is bad when any authority was removed and its chain is not known",
      [ca, otherCa],
      [ca],
      throughMiddle,
      "verified",
      "bad",
    ],
    [
      "is bad when the authority of its chain was removed",
      [ca, otherCa],
      [otherCa],
      throughMiddle,
      "verified",
      "bad",
    ],
    [
      "is bad when the intermediate was given as an authority and removed",
      [ca, middle],
      [ca],
      () => middle.issue(),
      "verified",
      "bad",
    ],
    [
      "stays bad when its authority was added",
      [otherCa],
      [ca, otherCa],
      () => Promise.resolve(good),
      "bad",
      "bad",
    ],
  ] as const) {
    it(what, async (t) => {
      const bench = await openTlsBench(t, before);
      const ask = await keepAlive(t, bench, await issue());
      assert.equal(await ask(), first);
      writeAuthorities(bench.files, after);
      await bench.reloaded("ok", 1);
      assert.equal(await ask(), then);
    });
  }
});
