import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { describe, it } from "node:test";
import { exportSPKI, importJWK, type CryptoKey } from "jose";
import { maxJwtLength } from "../../src/identity/jwt-verifier.ts";
import {
  base64url,
  forge,
  issuerOptions,
  jwksPath,
  sign,
  startIssuer,
  type TestIssuer,
} from "./support/test-issuer.ts";
import { ann, ec, openVerifier, otherEc, rsa, setUp } from "./support/verifier-bench.ts";

const encoder = new TextEncoder();

describe("the algorithm of a token", () => {
  it("is never none, in any spelling", async (t) => {
    const { issuer, ask } = await setUp(t);
    for (const alg of ["none", "None", "NONE", "nOnE", "", " none", null, undefined, ["none"], 0]) {
      for (const signature of ["", "x", "none"]) {
        const token = forge({ alg, kid: "ec" }, issuer.claims(), signature);
        assert.match(await ask(token), /^refused/, String(alg));
      }
    }
    assert.deepEqual(issuer.requests, [], "no key was looked for");
  });

  it("is never one with a shared secret, whatever form of the public key makes the secret", async (t) => {
    const { issuer, ask } = await setUp(t);
    const key = (await importJWK(rsa.jwk, "RS256", { extractable: true })) as CryptoKey;
    const pem = await exportSPKI(key);
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
    const secrets: readonly (string | Uint8Array)[] = [
      pem,
      pem.trim(),
      der,
      JSON.stringify(rsa.jwk),
      rsa.jwk.n ?? "",
      Buffer.from(rsa.jwk.n ?? "", "base64url"),
      "",
    ];
    for (const secret of secrets) {
      for (const bits of ["256", "384", "512"]) {
        for (const alg of [`HS${bits}`, "RS256", "ES256"]) {
          const signed = `${base64url({ alg, kid: "rsa" })}.${base64url(issuer.claims())}`;
          const mac = createHmac(`sha${bits}`, secret).update(signed).digest("base64url");
          assert.match(await ask(`${signed}.${mac}`), /^refused/);
        }
      }
    }
  });

  it("is one of those of its issuer, also when the issuer has a key for others", async (t) => {
    const { issuer, ask } = await setUp(t, { algorithms: ["ES256"] });
    assert.match(await ask(await sign(issuer.claims(), rsa)), /its algorithm is none of/);
  });

  it("is that of its key", async (t) => {
    const issuer = await startIssuer(t, [rsa.jwk]);
    const { ask } = openVerifier(t, [
      issuerOptions(issuer.url, { algorithms: ["RS256", "PS256"] }),
    ]);
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const signed = `${base64url({ alg: "PS256", kid: "rsa" })}.${base64url(issuer.claims())}`;
    const signature = signBytes("sha256", Buffer.from(signed), privateKey).toString("base64url");
    assert.match(await ask(`${signed}.${signature}`), /no key of the issuer fits/);
  });
});

describe("the key of a token", () => {
  it("is the issuer's: no header brings one along or says where to get it", async (t) => {
    const { issuer, ask } = await setUp(t);
    const evil = await startIssuer(t, [otherEc.jwk]);
    for (const header of [
      { jwk: otherEc.jwk },
      { jku: `${evil.url}${jwksPath}` },
      { x5u: `${evil.url}/x5u` },
      { x5c: [base64url("certificate")] },
      { jku: `${evil.url}${jwksPath}`, jwk: otherEc.jwk, kid: undefined },
    ]) {
      assert.match(await ask(await sign(issuer.claims(), otherEc, header)), /signature/);
      assert.equal(
        await ask(await sign(issuer.claims(), ec, header)),
        ann,
        "ignored in a good token",
      );
    }
    assert.deepEqual(evil.requests, []);
  });

  it("is not one of another configured issuer", async (t) => {
    const [one, two] = [await startIssuer(t, [ec.jwk]), await startIssuer(t, [otherEc.jwk])];
    const { ask } = openVerifier(t, [issuerOptions(one.url), issuerOptions(two.url)]);
    assert.equal(await ask(await sign(one.claims(), ec)), ann);
    assert.equal(await ask(await sign(two.claims(), otherEc)), ann);
    assert.match(await ask(await sign(two.claims(), ec)), /signature/);
    assert.match(await ask(await sign(one.claims(), otherEc)), /signature/);
  });

  it("is not too small", async (t) => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "small" };
    const issuer = await startIssuer(t, [jwk, ec.jwk]);
    const { ask } = openVerifier(t, [issuerOptions(issuer.url, { algorithms: ["RS256"] })]);
    assert.match(await ask(signWith(privateKey, { alg: "RS256", kid: "small" }, issuer)), /no key/);
  });

  function signWith(key: KeyObject, header: object, issuer: TestIssuer): string {
    const signed = `${base64url(header)}.${base64url(issuer.claims())}`;
    return `${signed}.${signBytes("sha256", Buffer.from(signed), key).toString("base64url")}`;
  }
});

describe("a token that was changed", () => {
  it("proves nothing, whichever of its parts was", async (t) => {
    const { issuer, ask } = await setUp(t);
    const token = await sign(issuer.claims(), ec);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const other = base64url(issuer.claims({ email: "root@example.com" }));
    for (const changed of [
      `${header}.${other}.${signature}`,
      `${base64url({ alg: "ES256", kid: "ec", x: 1 })}.${payload}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${header}.${payload}.${signature}AAAA`,
      `${header}.${payload}.AAAA`,
      `${header}.${payload}.${Buffer.alloc(64).toString("base64url")}`,
    ]) {
      assert.match(await ask(changed), /^refused/);
    }
    assert.equal(await ask(token), ann);
  });

  it("is no token", async (t) => {
    const { issuer, ask } = await setUp(t);
    const good = await sign(issuer.claims(), ec);
    const [header = "", payload = "", signature = ""] = good.split(".");
    for (const text of [
      "",
      "a",
      "a.b",
      "a.b.c",
      `${header}.${payload}`,
      `${good}.x`,
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      `${base64url("7")}.${payload}.${signature}`,
      `${base64url("null")}.${payload}.${signature}`,
      `${header}.${base64url("[]")}.${signature}`,
      `${header}.${base64url('"x"')}.${signature}`,
      `${header}.${base64url("{")}.${signature}`,
      `${base64url({ alg: "ES256", kid: { a: 1 } })}.${payload}.${signature}`,
      good.padEnd(maxJwtLength + 1, "A"),
    ]) {
      assert.match(await ask(text), /^refused/, text.slice(0, 40));
    }
    assert.deepEqual(issuer.requests, []);
  });
});

describe("headers that must be understood", () => {
  it("are refused: crit, and a payload that is not encoded", async (t) => {
    const { issuer, ask } = await setUp(t);
    const strange = await sign(issuer.claims(), ec, { crit: ["strange"], strange: 1 });
    assert.match(await ask(strange), /^refused/);
    for (const crit of [[], ["b64"], ["exp"], "b64", [7]]) {
      const head = base64url({ alg: "ES256", kid: "ec", crit, b64: false });
      const signed = `${head}.${base64url(issuer.claims())}`;
      const { subtle } = globalThis.crypto;
      const algorithm = { name: "ECDSA", hash: "SHA-256" };
      const signature = await subtle.sign(algorithm, ec.privateKey, encoder.encode(signed));
      const token = `${signed}.${Buffer.from(signature).toString("base64url")}`;
      assert.match(await ask(token), /^refused/, JSON.stringify(crit));
    }
  });
});
