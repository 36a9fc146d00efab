import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ConfigService } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { parseIdentity } from "../../src/domain/identity.ts";
import {
  forge,
  json,
  jwksPath,
  makeKeyPair,
  nowSeconds,
  sign,
} from "../identity/support/test-issuer.ts";
import { ask, bearer } from "./support/bench.ts";
import {
  bytesOf,
  checkPath,
  checkServer,
  json1,
  none,
  openWorld,
  permission,
  type World,
} from "./support/credential-world.ts";
import { exchangeHttp1, exchangeHttp2 } from "./support/exchange.ts";
import { makeKey, now } from "./support/keys.ts";
import { sendHttp2Head } from "./support/raw-http2.ts";
import { createState, keys } from "./support/world.ts";

const { checkServerPerm } = AclService.method;

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
    assert.equal((await checkServer(world, dying)).code, "unauthenticated");
    assert.equal(bench.records[0]?.cause, "JWT: it has expired");
    Object.defineProperty(bench, "time", { configurable: true, writable: true, value: now });
  });

  it("could not be made without a snapshot", async () => {
    world.bench.replica.state = undefined;
    const { transport } = world.bench.wires[0] ?? assert.fail();
    assert.equal((await checkServer(world, token)).reason, "CHECK_UNAVAILABLE");
    const reply = await ask(transport, ConfigService.method.get, {}, bearer(token));
    assert.equal(reply.reason, "STORAGE_UNAVAILABLE");
    assert.equal((await checkServer(world, "a.b.c")).reason, "CREDENTIAL_REQUIRED");
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
    await checkServer(world, keys.root.token);
    assert.equal(world.verified, 0);
  });
});

describe("the keys of the issuer", () => {
  it("that were never loaded make a check unavailable, not refused", async () => {
    const world = await openWorld(true);
    world.issuer.answers.set(jwksPath, json({}));
    const token = await sign(world.issuer.claims(), world.pair);
    const { transport } = world.bench.wires[0] ?? assert.fail();
    const reply = await checkServer(world, token);
    assert.equal(reply.code, "internal");
    assert.equal(reply.reason, "CHECK_UNAVAILABLE");
    const admin = await ask(transport, ConfigService.method.get, {}, bearer(token));
    assert.equal(admin.code, "unavailable");
    assert.equal(admin.reason, "STORAGE_UNAVAILABLE");
    assert.equal((await checkServer(world, keys.root.token)).code, "ok", "others are served");
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
    assert.equal((await checkServer(world, keys.root.token)).code, "ok");
    const slow = checkServer(world, "d.e.f");
    gone.close();
    pending.resolve();
    assert.equal((await slow).code, "ok");
    await world.close();
  });
});
