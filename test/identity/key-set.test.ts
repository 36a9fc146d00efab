import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { before, describe, it } from "node:test";
import type { JWK } from "jose";
import { findKey, parseKeySet } from "../../src/identity/key-set.ts";
import { makeKeyPair, type TestKeyPair } from "./support/test-issuer.ts";

describe("parseKeySet", () => {
  let ec: TestKeyPair;
  before(async () => {
    ec = await makeKeyPair("ec");
  });
  const usable = (...keys: readonly unknown[]) => parseKeySet({ keys: [ec.jwk, ...keys] });

  it("takes keys of every algorithm that can be configured", async () => {
    const rsa = await makeKeyPair("rsa", "RS256");
    const others = [
      await makeKeyPair("p384", "ES384"),
      await makeKeyPair("p521", "ES512"),
      await makeKeyPair("ed", "EdDSA"),
    ];
    const { alg: _, ...anyRsa } = rsa.jwk;
    const set = usable(anyRsa, ...others.map(({ jwk }) => jwk));
    assert.deepEqual(
      set.keys.map(({ kid, algorithms }) => `${kid} ${algorithms.join()}`),
      [
        "ec ES256",
        "rsa RS256,RS384,RS512,PS256,PS384,PS512",
        "p384 ES384",
        "p521 ES512",
        "ed EdDSA",
      ],
    );
    assert.equal(set.unused, 0);
  });

  it("leaves out what is not for the verification of signatures", () => {
    const rsa = (bits: number): JWK =>
      generateKeyPairSync("rsa", { modulusLength: bits }).publicKey.export({ format: "jwk" });
    const strange: readonly unknown[] = [
      { ...ec.jwk, use: "enc" },
      { ...ec.jwk, key_ops: ["encrypt"] },
      { ...ec.jwk, alg: "HS256" },
      { ...ec.jwk, alg: "ES384" },
      { ...ec.jwk, alg: "none" },
      { ...ec.jwk, d: "AAAA" },
      { ...ec.jwk, x: "AAAA" },
      { ...ec.jwk, crv: "secp256k1" },
      { ...ec.jwk, kid: 7 },
      { kty: "oct", k: "c2VjcmV0", kid: "ec" },
      { kty: "RSA" },
      { kty: "toString" },
      { ...rsa(1024), kid: "small" },
      "key",
      null,
      [],
    ];
    const set = usable(...strange);
    assert.equal(set.keys.length, 1);
    assert.equal(set.unused, strange.length);
  });

  it("leaves out RSA keys whose exponent makes them slow to use, or worthless", async () => {
    const good = (await makeKeyPair("k", "RS256")).jwk;
    const large = Buffer.alloc(200, 0xff).toString("base64url");
    for (const e of [large, "AQAAAAE", "AQ", "AA", "Ag"]) {
      const { keys, unused } = parseKeySet({ keys: [good, { ...good, e, kid: "strange" }] });
      assert.deepEqual([keys.map(({ kid }) => kid), unused], [["k"], 1], e);
    }
    assert.equal(parseKeySet({ keys: [{ ...good, e: "Aw" }] }).keys.length, 1, "3 is in use");
  });

  it("refuses what is no key set, one of more than 100 keys, and one of no use", () => {
    for (const value of [null, [], {}, { keys: {} }, "keys", { keys: null }]) {
      assert.throws(() => parseKeySet(value), /it is no key set/);
    }
    assert.equal(parseKeySet({ keys: Array(100).fill(ec.jwk) }).keys.length, 100);
    assert.throws(() => parseKeySet({ keys: Array(101).fill(ec.jwk) }), /more than 100 keys/);
    assert.throws(() => parseKeySet({ keys: [] }), /no key that can be used/);
  });
});

describe("findKey", () => {
  it("finds the one key that fits by name and algorithm, and no other", async () => {
    const [a, b, ed] = [
      await makeKeyPair("a"),
      await makeKeyPair("b"),
      await makeKeyPair("ed", "EdDSA"),
    ];
    const { kid: _, ...nameless } = (await makeKeyPair("")).jwk;
    const set = parseKeySet({ keys: [a.jwk, b.jwk, ed.jwk] });
    const [keyA, keyB, keyEd] = set.keys.map(({ key }) => key);
    assert.equal(findKey(set, "ES256", "a"), keyA);
    assert.equal(findKey(set, "ES256", "b"), keyB);
    assert.equal(findKey(set, "ES256", "c"), undefined);
    assert.equal(findKey(set, "ES256", ""), undefined);
    assert.equal(findKey(set, "EdDSA", "a"), undefined, "of another algorithm");
    assert.equal(findKey(set, "EdDSA", undefined), keyEd, "the only one");
    assert.equal(findKey(set, "ES256", undefined), undefined, "one of two");
    const twins = parseKeySet({ keys: [a.jwk, { ...b.jwk, kid: "a" }, nameless] });
    assert.equal(findKey(twins, "ES256", "a"), undefined, "two of one name");
    assert.equal(findKey(parseKeySet({ keys: [nameless] }), "ES256", "a"), undefined);
  });
});
