import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { formatBearerToken, parseBearerToken } from "../../src/domain/bearer-token.ts";
import type { ClientCertificate } from "../../src/identity/client-certificate.ts";
import { createJwtVerifier } from "../../src/identity/jwt-verifier.ts";
import {
  forge,
  issuerOptions,
  makeKeyPair,
  nowSeconds,
  sign,
  startIssuer,
} from "../identity/support/test-issuer.ts";
import { openBench, type Bench } from "./support/bench.ts";
import { envelope, exchangeHttp1, exchangeHttp2, type RawRequest } from "./support/exchange.ts";
import { makeKey, now } from "./support/keys.ts";
import { textOf } from "./support/raw-calls.ts";
import { createState, keys, usual } from "./support/world.ts";

interface Wire {
  readonly name: string;
  readonly contentType: string;
  readonly version: 1 | 2;
  readonly body: Uint8Array;
}

const empty = new Uint8Array();
const json = Buffer.from("{}");

/** Every protocol over every version of HTTP that it works with. */
const wires: readonly Wire[] = [
  { name: "gRPC", contentType: "application/grpc", version: 2, body: envelope(empty) },
  { name: "gRPC in JSON", contentType: "application/grpc+json", version: 2, body: envelope(json) },
  { name: "gRPC-Web, 2", contentType: "application/grpc-web", version: 2, body: envelope(empty) },
  { name: "gRPC-Web, 1.1", contentType: "application/grpc-web", version: 1, body: envelope(empty) },
  { name: "Connect, 2", contentType: "application/proto", version: 2, body: empty },
  { name: "Connect in JSON, 1.1", contentType: "application/json", version: 1, body: json },
];

const methods = [
  "fleetgate.acl.v1.AclService/CheckServerPerm",
  "fleetgate.inspect.v1.InspectService/Explain",
  "fleetgate.inspect.v1.InspectService/ListPermissions",
  "fleetgate.inspect.v1.InspectService/LookupPrincipal",
  "fleetgate.admin.v1.ConfigService/Get",
];

/** What a peer offers that proves nothing. */
interface Offer {
  readonly bearers: readonly string[];
  readonly certificate?: ClientCertificate;
}

const none: ClientCertificate = { kind: "none" };
const verified: ClientCertificate = {
  kind: "verified",
  commonName: "host1",
  organizationalUnits: [],
  organizations: [],
  uris: [],
  dnsNames: [],
  emails: [],
  fingerprint: "f1",
  validFrom: now.getTime() - 1000,
  validTo: now.getTime() + 1000,
};
const ended: ClientCertificate = { ...verified, validTo: now.getTime() };

const revoked = makeKey("user:revoked@example.com", { revokedAt: "2026-02-01T00:00:00.000Z" });
const expired = makeKey("user:expired@example.com", { expiresAt: now.toISOString() });
const root = keys.root.token;

function withWrongSecret(token: string): string {
  const parts = parseBearerToken(token) ?? assert.fail();
  return formatBearerToken({ ...parts, secret: parts.secret.replace(/^./, "_") });
}

describe("a credential that proves nothing", () => {
  let bench: Bench;
  let certificate: ClientCertificate = none;
  let offers: Readonly<Record<string, Offer>>;
  const closers: (() => Promise<unknown>)[] = [];
  before(async () => {
    const pair = await makeKeyPair("k");
    const stranger = await makeKeyPair("k");
    const keep = { after: (close: unknown) => void closers.push(close as () => Promise<unknown>) };
    const issuer = await startIssuer(keep, [pair.jwk]);
    const verifier = createJwtVerifier([issuerOptions(issuer.url)], { onLoad: () => {} });
    closers.push(async () => verifier.close());
    bench = await openBench({
      identity: {
        verifyJwt: verifier.verify,
        certificateRules: [],
        certificateOf: () => certificate,
      },
    });
    const all = [...Object.values(keys), revoked, expired].map(({ body }) => body);
    bench.replica.state = createState(usual, 7n, all);
    const jwt = await sign(issuer.claims({ email: "root@example.com" }), pair);
    const claims = (changes: Readonly<Record<string, unknown>>) =>
      sign(issuer.claims(changes), pair);
    offers = {
      nothing: { bearers: [] },
      "an unknown key": { bearers: [makeKey("user:unknown@example.com").token] },
      "a wrong secret": { bearers: [withWrongSecret(root)] },
      "a revoked key": { bearers: [revoked.token] },
      "an expired key": { bearers: [expired.token] },
      "a malformed key": { bearers: [`${root}x`] },
      "two good keys": { bearers: [root, root] },
      "a good key and a good JWT": { bearers: [root, jwt] },
      "a good JWT and a bad key": { bearers: [jwt, "fg1_ak_x"] },
      "a JWT of an unknown issuer": { bearers: [await claims({ iss: "https://x.example" })] },
      "a JWT with a bad signature": { bearers: [await sign(issuer.claims(), stranger)] },
      "a JWT of an unknown key": { bearers: [await sign(issuer.claims(), pair, { kid: "x" })] },
      "an expired JWT": { bearers: [await claims({ exp: nowSeconds - 60 })] },
      "a JWT for others": { bearers: [await claims({ aud: "x" })] },
      "a JWT that no rule fits": { bearers: [await claims({ email: "ann@elsewhere.example" })] },
      "a JWT without algorithm": { bearers: [forge({ alg: "none" }, issuer.claims(), "x")] },
      "a bad certificate": { bearers: [], certificate: { kind: "bad" } },
      "a bad certificate and a good key": { bearers: [root], certificate: { kind: "bad" } },
      "a bad certificate and a good JWT": { bearers: [jwt], certificate: { kind: "bad" } },
      "a certificate that has ended, and a good key": { bearers: [root], certificate: ended },
      "a good certificate of nobody": { bearers: [], certificate: verified },
      "a good certificate and an unknown key": {
        bearers: [makeKey("user:unknown@example.com").token],
        certificate: verified,
      },
    };
  });
  after(async () => {
    await bench.close();
    for (const close of closers) await close();
  });

  function send(wire: Wire, method: string, offer: Offer): Promise<string> {
    certificate = offer.certificate ?? none;
    const values = offer.bearers.map((token) => `Bearer ${token}`);
    // Node's client of HTTP/2 sends no header twice: see the tests of admission for that.
    const headers: Record<string, string | readonly string[]> = {
      "content-type": wire.contentType,
      ...(wire.version === 2 ? { te: "trailers" } : {}),
    };
    if (values.length > 0) {
      headers["authorization"] = wire.version === 1 ? values : values.join(", ");
    }
    const request: RawRequest = { path: `/${method}`, headers, body: wire.body };
    const reply =
      wire.version === 1
        ? exchangeHttp1(bench.servers.http1, request)
        : exchangeHttp2(bench.session, request);
    return reply.then(textOf);
  }

  for (const wire of wires) {
    it(`gets the same bytes whatever is wrong with it, for every method, over ${wire.name}`, async () => {
      const first = await send(wire, methods[0] ?? "", offers["nothing"] ?? assert.fail());
      assert.match(decodeURIComponent(first), /a valid credential is required/);
      for (const [cause, offer] of Object.entries(offers)) {
        for (const method of methods) {
          assert.equal(await send(wire, method, offer), first, `${method}: ${cause}`);
        }
      }
      const good = await send(wire, methods[0] ?? "", { bearers: [root], certificate: verified });
      assert.notEqual(good, first);
      assert.deepEqual(bench.keyUses.splice(0).length, 1, "of the good one alone");
    });
  }
});
