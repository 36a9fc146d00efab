import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ConfigService } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { parseCertificateRule } from "../../src/identity/parse-certificate-rule.ts";
import type { ClientCertificate } from "../../src/identity/client-certificate.ts";
import { createJwtVerifier, type JwtVerifier } from "../../src/identity/jwt-verifier.ts";
import { parseIdentity } from "../../src/domain/identity.ts";
import type { VerifyJwt } from "../../src/identity/jwt-outcome.ts";
import {
  forge,
  issuerOptions,
  json,
  jwksPath,
  makeKeyPair,
  nowSeconds,
  sign,
  startIssuer,
  type TestIssuer,
  type TestKeyPair,
} from "../identity/support/test-issuer.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { exchangeHttp1, exchangeHttp2, type RawReply } from "./support/exchange.ts";
import { makeKey, now } from "./support/keys.ts";
import { sendHttp2Head } from "./support/raw-http2.ts";
import { createState, keys, usual } from "./support/world.ts";

const { checkServerPerm } = AclService.method;
const permission = "swarming.servers.peek";
const checkPath = "/fleetgate.acl.v1.AclService/CheckServerPerm";
const json1 = { "content-type": "application/json" };

const { rule } = parseCertificateRule({ common_name: "{name}", kind: "bot", value: "{name}" });
assert.ok(rule);
const certificateRules = [rule];

const good: ClientCertificate = {
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
const none: ClientCertificate = { kind: "none" };
const certificates: Readonly<Record<string, ClientCertificate>> = {
  none,
  good,
  bad: { kind: "bad" },
  "of nobody": { ...good, commonName: "" },
  expired: { ...good, validTo: now.getTime() },
  "not yet valid": { ...good, validFrom: now.getTime() + 1 },
};

/** A bench with an issuer, whose connections show the certificate that the test sets. */
interface World {
  readonly bench: Bench;
  readonly issuer: TestIssuer;
  readonly pair: TestKeyPair;
  readonly verifier: JwtVerifier;
  certificate: ClientCertificate;
  /** How many tokens were verified. */
  verified: number;
  close(): Promise<void>;
}

async function openWorld(allowAnonymous = false, verifyJwt?: VerifyJwt): Promise<World> {
  const closers: (() => Promise<unknown>)[] = [];
  const pair = await makeKeyPair("k");
  const issuer = await startIssuer(
    { after: (close) => void closers.push(close as () => Promise<unknown>) },
    [pair.jwk],
  );
  const verifier = createJwtVerifier([issuerOptions(issuer.url)], { onLoad: () => {} });
  const bench = await openBench({
    allowAnonymous,
    identity: {
      verifyJwt(token, at) {
        world.verified += 1;
        return (verifyJwt ?? verifier.verify)(token, at);
      },
      certificateRules,
      certificateOf: () => world.certificate,
    },
  });
  const world: World = {
    bench,
    issuer,
    pair,
    verifier,
    certificate: none,
    verified: 0,
    close: async () => {
      await bench.close();
      verifier.close();
      for (const close of closers) await close();
    },
  };
  return world;
}

async function check(world: World, token: string | undefined) {
  const { transport } = world.bench.wires[0] ?? assert.fail();
  return ask(transport, checkServerPerm, { permission }, token === undefined ? {} : bearer(token));
}

describe("a call with a JWT", () => {
  let world: World;
  let token: string;
  before(async () => {
    world = await openWorld();
    token = await sign(world.issuer.claims({ email: "root@example.com" }), world.pair);
  });
  after(() => world.close());
  beforeEach(() => {
    world.certificate = none;
    world.verified = 0;
    world.bench.replica.state = createState();
    world.bench.time = now;
    world.bench.records.length = 0;
    world.bench.keyUses.length = 0;
  });

  it("is admitted over every wire, and no use of a key is noted", async () => {
    for (const { transport, name } of world.bench.wires) {
      const reply = await ask(transport, checkServerPerm, { permission }, bearer(token));
      assert.equal(reply.code, "ok", name);
    }
    const { records, keyUses } = world.bench;
    for (const { peer, credential } of records) {
      assert.equal(peer, "user:root@example.com");
      assert.equal(credential, `jwt ${world.issuer.url}`);
    }
    assert.deepEqual(keyUses, []);
  });

  it("is admitted to the methods of its groups, and to no others", async () => {
    const { transport } = world.bench.wires[0] ?? assert.fail();
    const admitted = await ask(transport, ConfigService.method.get, {}, bearer(token));
    assert.equal(admitted.reason, "INTERNAL_FAULT", "the operation of the test");
    const ann = await sign(world.issuer.claims(), world.pair);
    const refused = await ask(transport, ConfigService.method.get, {}, bearer(ann));
    assert.equal(refused.reason, "GROUP_REQUIRED");
  });

  it("is refused with the same bytes whatever is wrong with it", async () => {
    const { issuer, pair, bench } = world;
    const stranger = await makeKeyPair("k");
    const claims = issuer.claims();
    const [header = "", payload = ""] = token.split(".");
    const tokens: Readonly<Record<string, string | readonly string[] | undefined>> = {
      "no credential": undefined,
      "an unknown API key": makeKey("user:unknown@example.com").token,
      garbage: "a.b.c",
      "no signature": `${header}.${payload}.`,
      none: forge({ alg: "none" }, claims, "x"),
      "a shared secret": forge({ alg: "HS256", kid: "k" }, claims, "x"),
      "another key": await sign(claims, stranger),
      "an unknown key": await sign(claims, pair, { kid: "x" }),
      "another issuer": await sign(issuer.claims({ iss: "https://x.example" }), pair),
      "another audience": await sign(issuer.claims({ aud: "x" }), pair),
      expired: await sign(issuer.claims({ exp: nowSeconds - 31 }), pair),
      "not yet valid": await sign(issuer.claims({ nbf: nowSeconds + 31 }), pair),
      "another domain": await sign(issuer.claims({ email: "ann@example.com.evil.org" }), pair),
      "not verified": await sign(issuer.claims({ email_verified: false }), pair),
      crit: await sign(claims, pair, { crit: ["strange"], strange: 1 }),
      oversized: await sign(issuer.claims({ more: "x".repeat(8192) }), pair),
      "two tokens": `${token} ${token}`,
      "two joined": `${token}, Bearer ${token}`,
      "a token and a key": `${token}, Bearer ${keys.root.token}`,
    };
    const replies = new Map<string, readonly string[]>();
    for (const [cause, text] of Object.entries(tokens)) {
      const headers = text === undefined ? {} : { authorization: `Bearer ${String(text)}` };
      const grpc = { "content-type": "application/grpc", te: "trailers" };
      const body = Buffer.alloc(5);
      replies.set(cause, [
        bytesOf(
          await exchangeHttp2(bench.session, {
            path: checkPath,
            headers: { ...headers, ...grpc },
            body,
          }),
        ),
        bytesOf(
          await exchangeHttp1(bench.servers.http1, {
            path: checkPath,
            headers: { ...headers, ...json1 },
            body: Buffer.from("{}"),
          }),
        ),
      ]);
    }
    const [first] = replies.values();
    assert.match(first?.[1] ?? "", /a valid credential is required/);
    for (const [cause, reply] of replies) assert.deepEqual(reply, first, cause);
    assert.ok(bench.records.every(({ code, peer }) => code === "unauthenticated" && peer === ""));
    const told = JSON.stringify(bench.records);
    assert.ok(!told.includes(payload) && !told.includes("evil.org") && !told.includes("eyJ"));
    const causes = new Set(bench.records.map(({ cause }) => String(cause)));
    assert.ok(causes.has("JWT: it has expired") && causes.has("JWT: no key of the issuer fits"));
  });

  it("is refused when it comes with another credential", async () => {
    const { bench } = world;
    for (const second of [`Bearer ${token}`, `Bearer ${keys.root.token}`, "Basic eDp5", ""]) {
      const authorization = [`Bearer ${token}`, second];
      for (const values of [authorization, authorization.toReversed()]) {
        const reply = await exchangeHttp1(bench.servers.http1, {
          path: checkPath,
          headers: { ...json1, authorization: values },
          body: Buffer.from("{}"),
        });
        assert.equal(reply.status, 401, second);
      }
    }
    const header = ["authorization", "Bearer a.b.c"] as const;
    const head = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", checkPath],
      [":authority", "fleetgate.test"],
      ["content-type", "application/json"],
    ] as const;
    await sendHttp2Head(bench.servers.http2, [...head, header, header]);
    assert.equal(bench.records.at(-1)?.code, "unauthenticated");
    assert.equal(world.verified, 0);
  });

  it("is judged before a byte of its body is parsed", async () => {
    const { bench } = world;
    const body = Buffer.from("this is no JSON");
    const headers = { ...json1, ...bearer(`${token}AAAA`) };
    const reply = await exchangeHttp1(bench.servers.http1, { path: checkPath, headers, body });
    assert.equal(reply.status, 401);
  });

  it("is looked at again once the body has come in: expired meanwhile, it is refused", async () => {
    const { bench, issuer, pair } = world;
    const dying = await sign(issuer.claims({ email: "root@example.com" }), pair);
    const end = now.getTime() + 630_000;
    const times = [end - 2, end - 1, end];
    Object.defineProperty(bench, "time", {
      configurable: true,
      get: () => new Date(times.shift() ?? end),
    });
    assert.equal((await check(world, dying)).code, "unauthenticated");
    assert.equal(bench.records[0]?.cause, "JWT: it has expired");
    Object.defineProperty(bench, "time", { configurable: true, writable: true, value: now });
  });

  it("could not be made without a snapshot", async () => {
    world.bench.replica.state = undefined;
    const { transport } = world.bench.wires[0] ?? assert.fail();
    assert.equal((await check(world, token)).reason, "CHECK_UNAVAILABLE");
    const reply = await ask(transport, ConfigService.method.get, {}, bearer(token));
    assert.equal(reply.reason, "STORAGE_UNAVAILABLE");
    assert.equal((await check(world, "a.b.c")).reason, "CREDENTIAL_REQUIRED");
  });

  it("is not verified for a method that does not exist, and an API key never waits for it", async () => {
    const { bench } = world;
    const path = "/fleetgate.acl.v1.AclService/NoSuchMethod";
    const body = Buffer.from("{}");
    await exchangeHttp1(bench.servers.http1, {
      path,
      headers: { ...json1, ...bearer(token) },
      body,
    });
    await check(world, keys.root.token);
    assert.equal(world.verified, 0);
  });
});

describe("the keys of the issuer", () => {
  it("that were never loaded make a check unavailable, not refused", async () => {
    const world = await openWorld(true);
    world.issuer.answers.set(jwksPath, json({}));
    const token = await sign(world.issuer.claims(), world.pair);
    const { transport } = world.bench.wires[0] ?? assert.fail();
    const reply = await check(world, token);
    assert.equal(reply.code, "internal");
    assert.equal(reply.reason, "CHECK_UNAVAILABLE");
    const admin = await ask(transport, ConfigService.method.get, {}, bearer(token));
    assert.equal(admin.code, "unavailable");
    assert.equal(admin.reason, "STORAGE_UNAVAILABLE");
    assert.equal((await check(world, keys.root.token)).code, "ok", "others are served");
    await world.close();
  });
});

describe("a verification that takes its time", () => {
  it("holds up nobody else, and a peer that goes away meanwhile is no fault", async () => {
    const pending = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const identity = parseIdentity("user:root@example.com") ?? assert.fail();
    const world = await openWorld(false, async () => {
      begun.resolve();
      await pending.promise;
      return { kind: "verified", identity, issuer: "x", expiresAt: Infinity };
    });
    const { bench } = world;
    const gone = bench.session.request({
      ":method": "POST",
      ":path": checkPath,
      ...json1,
      ...bearer("a.b.c"),
    });
    gone.on("error", () => {});
    gone.end("{}");
    await begun.promise;
    assert.equal((await check(world, keys.root.token)).code, "ok");
    const slow = check(world, "d.e.f");
    gone.close();
    pending.resolve();
    assert.equal((await slow).code, "ok");
    await world.close();
  });
});

describe("a client certificate", () => {
  for (const allowAnonymous of [false, true]) {
    describe(allowAnonymous ? "where anonymous peers are allowed" : "where they are not", () => {
      let world: World;
      let token: string;
      before(async () => {
        world = await openWorld(allowAnonymous);
        token = await sign(world.issuer.claims({ email: "root@example.com" }), world.pair);
      });
      after(() => world.close());

      const refused = "unauthenticated";
      const root = "user:root@example.com";
      const anonymous = allowAnonymous ? "anonymous:anonymous" : refused;
      type Row = readonly [certificate: string, noBearer: string, key: string, bad: string];
      const table: readonly Row[] = [
        ["none", anonymous, root, refused],
        ["good", "bot:host1", root, refused],
        ["bad", refused, refused, refused],
        ["of nobody", refused, root, refused],
        ["expired", refused, refused, refused],
        ["not yet valid", refused, refused, refused],
      ];
      for (const [name, noBearer, withGood, withBad] of table) {
        it(`that is ${name}: ${noBearer} alone, ${withGood} beside a good bearer`, async () => {
          world.certificate = certificates[name] ?? assert.fail();
          const bearers: readonly (readonly [string | undefined, string])[] = [
            [undefined, noBearer],
            [keys.root.token, withGood],
            [token, withGood],
            ["a.b.c", withBad],
            ["fg1_ak_x", withBad],
            ["", withBad],
          ];
          for (const [text, expected] of bearers) {
            world.bench.records.length = 0;
            await check(world, text);
            const [record] = world.bench.records;
            const found = record?.code === refused ? refused : record?.peer;
            assert.equal(found, expected, text);
          }
        });
      }

      it("that is nobody's gets the bytes of every bad credential", async () => {
        const { bench } = world;
        const body = Buffer.from("{}");
        const send = async (headers: Readonly<Record<string, string>>) =>
          bytesOf(
            await exchangeHttp1(bench.servers.http1, {
              path: checkPath,
              headers: { ...json1, ...headers },
              body,
            }),
          );
        world.certificate = none;
        const expected = await send(bearer("a.b.c"));
        for (const name of ["bad", "of nobody", "expired"]) {
          world.certificate = certificates[name] ?? assert.fail();
          assert.equal(await send({}), expected, name);
        }
      });

      it("stops to prove anything at its end, also while a body comes in", async () => {
        const { bench } = world;
        world.certificate = good;
        bench.records.length = 0;
        bench.keyUses.length = 0;
        const times = [good.validTo - 1, good.validTo];
        Object.defineProperty(bench, "time", {
          configurable: true,
          get: () => new Date(times.shift() ?? good.validTo),
        });
        assert.equal((await check(world, undefined)).code, refused);
        Object.defineProperty(bench, "time", { configurable: true, writable: true, value: now });
        assert.equal((await check(world, undefined)).code, "permission_denied");
        assert.equal(bench.records.at(-1)?.credential, "certificate f1");
        assert.deepEqual(bench.keyUses, []);
      });
    });
  }

  it("makes administrators only of those who are", async () => {
    const world = await openWorld();
    world.certificate = good;
    const { transport } = world.bench.wires[0] ?? assert.fail();
    const refused = await ask(transport, ConfigService.method.get, {});
    assert.equal(refused.reason, "GROUP_REQUIRED");
    world.bench.replica.state = createState(usual);
    await world.close();
  });
});

function bytesOf(reply: RawReply): string {
  const { "x-request-id": id, ...headers } = reply.headers;
  assert.ok(id);
  return JSON.stringify({ ...reply, headers, body: reply.body.toString("latin1") });
}
