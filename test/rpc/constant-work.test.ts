import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { formatBearerToken, parseBearerToken } from "../../src/domain/bearer-token.ts";
import { createVersionedMap } from "../../src/engine/versioned-map.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import { authenticate } from "../../src/rpc/admission/authenticate.ts";
import type { Authenticated } from "../../src/rpc/admission/peer.ts";
import { readBearer } from "../../src/rpc/admission/authorization.ts";
import { makeKey, now, type TestKey } from "./support/keys.ts";
import { createState } from "./support/world.ts";

const right = makeKey("user:right@example.com");
const revoked = makeKey("user:revoked@example.com", { revokedAt: "2026-02-01T00:00:00.000Z" });
const expired = makeKey("user:expired@example.com", { expiresAt: now.toISOString() });
const dateless = makeKey("user:dateless@example.com", { expiresAt: "some day" });
const nobodys = makeKey("nobody");
const hashless = makeKey("user:hashless@example.com", { secretHash: "00" });
const shouting = makeKey("user:shouting@example.com");
const keys = [right, revoked, expired, dateless, nobodys, hashless].map(({ body }) => body);
const loud = { ...shouting.body, secretHash: shouting.body.secretHash.toUpperCase() };
const state: ReplicaState = {
  ...createState(),
  apiKeys: createVersionedMap(new Map([...keys, loud].map((body) => [body.id, body]))),
};

function wrongSecret({ token }: TestKey, at: number): string {
  const parts = parseBearerToken(token) ?? assert.fail();
  const digit = parts.secret[at] === "A" ? "B" : "A";
  const secret = parts.secret.slice(0, at) + digit + parts.secret.slice(at + 1);
  return formatBearerToken({ ...parts, secret });
}

function present(token: string): Authenticated {
  const proof = { bearer: readBearer([`Bearer ${token}`]), certificate: { kind: "none" } } as const;
  return authenticate(proof, state, now, {
    allowAnonymous: true,
    certificateRules: [],
    accepts: new Set<never>(),
  });
}

const refused = { kind: "refused", why: "the API key is unknown, wrong, revoked or expired" };

const worthless: Readonly<Record<string, string>> = {
  "an unknown id": makeKey("user:unknown@example.com").token,
  "a secret that is wrong at its start": wrongSecret(right, 0),
  "a secret that is wrong at its end": wrongSecret(right, 41),
  "the secret of a revoked key": revoked.token,
  "a wrong secret of a revoked key": wrongSecret(revoked, 7),
  "the secret of a key at its expiry": expired.token,
  "a key whose expiry cannot be read": dateless.token,
  "a key without a proper hash": hashless.token,
};

describe("the work that an API key costs", () => {
  let hashes = 0;
  let compared: number[] = [];
  beforeEach(() => {
    hashes = 0;
    compared = [];
    const { hash, timingSafeEqual } = crypto;
    mock.method(crypto, "hash", (...input: Parameters<typeof hash>) => {
      hashes += 1;
      return hash(...input);
    });
    mock.method(crypto, "createHash", () => assert.fail("another hash"));
    mock.method(crypto, "timingSafeEqual", (a: Uint8Array, b: Uint8Array) => {
      compared.push(a.byteLength, b.byteLength);
      return timingSafeEqual(a, b);
    });
    syncBuiltinESMExports();
  });
  afterEach(() => {
    mock.restoreAll();
    syncBuiltinESMExports();
  });

  const tokens = { "the right secret": right.token, ...worthless };
  for (const [name, token] of Object.entries(tokens)) {
    it(`is one hash and one comparison of full length for ${name}, the first time and later`, () => {
      for (let time = 1; time <= 2; time += 1) {
        const found = present(token);
        if (token === right.token) assert.equal(found.kind, "peer");
        else assert.deepEqual(found, refused);
        assert.equal(hashes, time);
        assert.deepEqual(compared.splice(0), [64, 64]);
      }
    });
  }
});

describe("a secret", () => {
  it("is told right from wrong whatever the case of the digits of the hash that is stored", () => {
    assert.equal(present(shouting.token).kind, "peer");
    assert.deepEqual(present(wrongSecret(shouting, 3)), refused);
  });

  it("proves nothing for a key of no identity", () => {
    assert.deepEqual(present(nobodys.token), {
      kind: "refused",
      why: "the API key is of no identity",
    });
  });

  it("is in nothing that is said about it", () => {
    const { secret } = parseBearerToken(right.token) ?? assert.fail();
    for (const token of [right.token, ...Object.values(worthless)]) {
      const said = JSON.stringify(present(token));
      assert.ok(!said.includes(secret.slice(1, 20)) && !said.includes("fg1_"), said);
      assert.ok(!said.includes(right.body.secretHash), said);
    }
  });
});

describe("what is known of a key", () => {
  it("goes with the key, so that a change of it counts from the next state on", () => {
    const then = { ...right.body, revokedAt: now.toISOString() };
    const next = { ...state, apiKeys: createVersionedMap(new Map([[then.id, then]])) };
    const bearer = readBearer([`Bearer ${right.token}`]);
    const proof = { bearer, certificate: { kind: "none" } } as const;
    const rules = { allowAnonymous: false, certificateRules: [], accepts: new Set<never>() };
    assert.equal(authenticate(proof, state, now, rules).kind, "peer");
    assert.equal(authenticate(proof, next, now, rules).kind, "refused");
    assert.equal(authenticate(proof, state, now, rules).kind, "peer");
  });
});

describe("a bearer that a connection brings again", () => {
  const rules = { allowAnonymous: false, certificateRules: [], accepts: new Set<never>() };
  const none = { kind: "none" } as const;
  const withKey = (body: TestKey["body"]): ReplicaState => ({
    ...state,
    apiKeys: createVersionedMap(new Map([[body.id, body]])),
  });

  it("proves nothing any more once its key is another, gone, revoked or expired", () => {
    const bearer = readBearer([`Bearer ${right.token}`]);
    const proof = { bearer, certificate: none };
    const end = new Date(now.getTime() + 1);
    const dying = { ...right.body, expiresAt: end.toISOString() };
    const later: readonly (readonly [ReplicaState, Date])[] = [
      [withKey({ ...right.body, secretHash: revoked.body.secretHash }), now],
      [withKey({ ...right.body, revokedAt: now.toISOString() }), now],
      [withKey(revoked.body), now],
      [withKey(dying), end],
    ];
    for (const [changed, at] of later) {
      assert.equal(authenticate(proof, state, now, rules).kind, "peer");
      assert.deepEqual(authenticate(proof, changed, at, rules), refused);
    }
    assert.equal(authenticate(proof, withKey(dying), now, rules).kind, "peer");
    assert.deepEqual(authenticate(proof, withKey(dying), end, rules), refused);
  });

  it("is never taken for proven when its secret was wrong", () => {
    const bearer = readBearer([`Bearer ${wrongSecret(right, 5)}`]);
    for (let time = 0; time < 3; time += 1) {
      assert.deepEqual(authenticate({ bearer, certificate: none }, state, now, rules), refused);
      assert.ok(bearer.kind === "api_key" && bearer.provenFor === undefined);
    }
  });
});
