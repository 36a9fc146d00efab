import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import tls from "node:tls";
import { describe, it, type TestContext } from "node:test";
import { Code, type ConnectError } from "@connectrpc/connect";
import { makeCertificate } from "../../../src/server/self-signed/make-certificate.ts";
import { isUnavailable, WrongCertificateError } from "../../../src/client/node/index.ts";
import {
  createAuthority,
  selfSigned,
  type CertificateOptions,
  type TestCertificate,
} from "../../support/certificates.ts";
import { fingerprintOf, startSilentTls } from "../../support/silent-tls.ts";
import { startFake } from "../support/fake-server.ts";
import { connectBy, failureOf, transports } from "../support/node-client.ts";

const names: CertificateOptions = {
  subject: [{ CN: ["fleetgate"] }],
  san: [{ type: "ip", value: "127.0.0.1" }],
};
const server = await selfSigned(names);
const tlsFingerprint = fingerprintOf(server);
const key = (): string => "secret";

/** A certificate that says all that another one says, of another key. */
async function lookalike(of: TestCertificate): Promise<TestCertificate> {
  const { validFromDate, validToDate } = new X509Certificate(of.cert);
  return selfSigned({
    ...names,
    ...{ notBefore: validFromDate, notAfter: validToDate },
  });
}

function assertWrong(error: ConnectError, expected: string, shown: string): void {
  assert.equal(error.code, Code.FailedPrecondition);
  assert.ok(!isUnavailable(error));
  assert.ok(error.cause instanceof WrongCertificateError);
  assert.deepEqual([error.cause.expected, error.cause.shown], [expected, shown]);
  assert.ok(error.message.includes(expected) && error.message.includes(shown));
}

for (const transport of transports) {
  const connect = connectBy(transport);
  describe(`a client by ${transport} that knows the fingerprint`, () => {
    it("goes to the server that has the certificate, whoever vouches for it and whatever it says", async () => {
      const expired = await selfSigned({ notAfter: new Date(0), notBefore: new Date(0) });
      for (const certificate of [server, expired]) {
        const fake = await startFake(() => "token", 0, { ...certificate });
        const pin = fingerprintOf(certificate).toUpperCase().replace("SHA", "sha");
        const client = connect([fake.url], { tlsFingerprint: pin, key });
        await client.acl.checkServerPerm({});
        await client.acl.checkServerPerm({});
        assert.deepEqual(fake.bearers, ["Bearer secret", "Bearer secret"]);
        assert.equal(fake.connections(), 1);
      }
    });

    it("C3 sends nothing to another key under the same names, and asks nobody else", async (t) => {
      const other = await lookalike(server);
      const silent = await startSilentTls(t, other);
      const fake = await startFake(() => "token", 0, { ...server });
      const client = connect([silent.url, fake.url], { tlsFingerprint, key });
      const error = await failureOf(client.acl.checkServerPerm({}));
      assertWrong(error, tlsFingerprint, fingerprintOf(other));
      await silent.ended();
      assert.deepEqual([silent.connections(), silent.bytes()], [1, 0]);
      assert.equal(fake.calls.length, 0);
    });

    it("sends nothing to another one for which a trusted authority vouches", async (t) => {
      const authority = await createAuthority("trusted");
      trust(t, authority);
      const vouched = await authority.issue({ ...names });
      const fake = await startFake(() => "token", 0, { ...vouched });
      await connect([fake.url], { key }).acl.checkServerPerm({});
      assert.equal(fake.calls.length, 1, "who looks at authorities goes there");
      const client = connect([fake.url], { tlsFingerprint, key });
      const error = await failureOf(client.acl.checkServerPerm({}));
      assertWrong(error, tlsFingerprint, fingerprintOf(vouched));
      assert.equal(fake.calls.length, 1);
    });

    it("looks again at each new connection", async (t) => {
      const fake = await startFake(() => "token", 0, { ...server });
      const client = connect([fake.url], { tlsFingerprint, key });
      await client.acl.checkServerPerm({});
      await fake.close();
      const other = await lookalike(server);
      const silent = await startSilentTls(t, other, Number(new URL(fake.url).port));
      assertWrong(
        await failureOf(client.acl.checkServerPerm({})),
        tlsFingerprint,
        fingerprintOf(other),
      );
      await silent.ended();
      assert.equal(silent.bytes(), 0);
      await silent.close();
      const back = await startFake(() => "token", Number(new URL(fake.url).port), { ...server });
      await client.acl.checkServerPerm({});
      assert.equal(back.calls.length, 1);
    });
  });
}

describe("a client that knows the fingerprint", () => {
  const connect = connectBy("lean");

  it("looks before it reads a stream, too", async (t) => {
    const silent = await startSilentTls(t, await lookalike(server));
    const client = connect([silent.url], { tlsFingerprint, key });
    const stream = client.claims.watchClaims({ claimIds: ["a"] })[Symbol.asyncIterator]();
    assert.equal((await failureOf(stream.next())).code, Code.FailedPrecondition);
    await silent.ended();
    assert.equal(silent.bytes(), 0);
  });

  it("looks at the certificate itself: neither one of the same key nor an authority that is shown with it will do", async (t) => {
    const now = new Date();
    const same = { key: server.key, cert: makeCertificate(server.key, now) };
    const authority = await createAuthority("shown");
    const leaf = await authority.issue({ ...names });
    const chain = { key: leaf.key, cert: `${leaf.cert}${authority.cert}` };
    for (const [shown, pin] of [
      [same, tlsFingerprint],
      [chain, fingerprintOf(authority)],
    ] as const) {
      const silent = await startSilentTls(t, shown);
      const client = connect([silent.url], { tlsFingerprint: pin, key });
      assertWrong(await failureOf(client.acl.checkServerPerm({})), pin, fingerprintOf(shown));
      await silent.ended();
      assert.equal(silent.bytes(), 0);
    }
    const fake = await startFake(() => "token", 0, { ...chain });
    await connect([fake.url], { tlsFingerprint: fingerprintOf(leaf) }).acl.checkServerPerm({});
    assert.equal(fake.calls.length, 1);
  });

  it("speaks nothing below TLS 1.3", async (t) => {
    const silent = await startSilentTls(t, server, 0, "TLSv1.2");
    const client = connect([silent.url], { tlsFingerprint, key });
    assert.ok(isUnavailable(await failureOf(client.acl.checkServerPerm({}))));
    assert.equal(silent.handshakes(), 0);
  });

  it("takes a server that is not there for one that is down, and goes on to the next", async () => {
    const fake = await startFake(() => "token", 0, { ...server });
    const client = connect(["https://127.0.0.1:1", fake.url], { tlsFingerprint });
    await client.acl.checkServerPerm({});
    assert.equal(fake.calls.length, 1);
  });
});

/** Lets this process trust an authority besides the usual ones. */
function trust(t: TestContext, { cert }: TestCertificate): void {
  const usual = tls.getCACertificates("default");
  tls.setDefaultCACertificates([...usual, cert]);
  t.after(() => tls.setDefaultCACertificates(usual));
}
