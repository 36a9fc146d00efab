import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it, type TestContext } from "node:test";
import { exportSPKI, importJWK, type CryptoKey } from "jose";
import type { JwtIssuerOptions } from "../../src/identity/jwt-issuer.ts";
import {
  createJwtVerifier,
  maxJwtLength,
  maxUnverified,
  remoteTiming,
  type JwtVerifier,
} from "../../src/identity/jwt-verifier.ts";
import { eventually } from "../e2e/support/eventually.ts";
import {
  base64url,
  discoveryPath,
  forge,
  issuerOptions,
  json,
  jwksPath,
  makeKeyPair,
  now,
  nowSeconds,
  ruleOf,
  sign,
  startIssuer,
  type TestIssuer,
  type TestKeyPair,
} from "./support/test-issuer.ts";

let ec: TestKeyPair;
let otherEc: TestKeyPair;
let rsa: TestKeyPair;
before(async () => {
  ec = await makeKeyPair("ec");
  otherEc = await makeKeyPair("ec");
  rsa = await makeKeyPair("rsa", "RS256");
});

interface Bench {
  readonly verifier: JwtVerifier;
  /** What a token comes to: an identity, `unverifiable`, or `refused: why`. */
  readonly ask: (token: string, at?: Date) => Promise<string>;
  readonly told: string[];
  /** What the clock of the keys says, in ms. */
  time: number;
}

function openVerifier(t: Pick<TestContext, "after">, issuers: readonly JwtIssuerOptions[]): Bench {
  const told: string[] = [];
  const verifier = createJwtVerifier(issuers, {
    onLoad: (_, loaded) => told.push(loaded instanceof Error ? loaded.message : "loaded"),
    monotonic: () => bench.time,
  });
  t.after(() => verifier.close());
  const bench: Bench = {
    verifier,
    told,
    time: 1_000_000,
    async ask(token, at = now) {
      const outcome = await verifier.verify(token, at);
      if (outcome.kind === "verified") return outcome.identity;
      return outcome.kind === "refused" ? `refused: ${outcome.why}` : outcome.kind;
    },
  };
  return bench;
}

async function setUp(t: TestContext, changes: Partial<JwtIssuerOptions> = {}) {
  const issuer = await startIssuer(t, [ec.jwk, rsa.jwk]);
  const options = issuerOptions(issuer.url, { algorithms: ["ES256", "RS256"], ...changes });
  return Object.assign(openVerifier(t, [options]), { issuer });
}

const ann = "user:ann@example.com";
const encoder = new TextEncoder();

describe("a good token", () => {
  it("proves the identity of its rule, up to its expiry and the leeway", async (t) => {
    const { issuer, verifier } = await setUp(t);
    for (const pair of [ec, rsa]) {
      assert.deepEqual(await verifier.verify(await sign(issuer.claims(), pair), now), {
        kind: "verified",
        identity: ann,
        issuer: issuer.url,
        expiresAt: (nowSeconds + 600 + 30) * 1000,
      });
    }
    assert.deepEqual(issuer.requests, [discoveryPath, jwksPath]);
  });

  it("may have several audiences, any type, and no name of its key where there is no choice", async (t) => {
    const { issuer, ask } = await setUp(t);
    assert.equal(await ask(await sign(issuer.claims({ aud: ["x", "fleetgate"] }), ec)), ann);
    assert.equal(await ask(await sign(issuer.claims(), ec, { typ: "at+jwt" })), ann);
    assert.equal(await ask(await sign(issuer.claims(), ec, { kid: undefined })), ann);
    issuer.keys = [ec.jwk, { ...otherEc.jwk, kid: "second" }];
    const two = openVerifier(t, [issuerOptions(issuer.url)]);
    assert.match(await two.ask(await sign(issuer.claims(), ec, { kid: undefined })), /no key/);
  });

  it("may be signed by every algorithm that can be configured", async (t) => {
    for (const algorithm of ["RS512", "PS256", "ES384", "ES512", "EdDSA", "Ed25519"] as const) {
      const pair = await makeKeyPair(algorithm, algorithm);
      const issuer = await startIssuer(t, [pair.jwk]);
      const { ask } = openVerifier(t, [issuerOptions(issuer.url, { algorithms: [algorithm] })]);
      assert.equal(await ask(await sign(issuer.claims(), pair)), ann, algorithm);
    }
  });
});

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

describe("the claims of a token", () => {
  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["another audience", { aud: "other" }],
    ["an audience that only begins so", { aud: "fleetgate2" }],
    ["an audience in other letters", { aud: "Fleetgate" }],
    ["other audiences", { aud: ["a", "b"] }],
    ["no audience", { aud: undefined }],
    ["an empty list of audiences", { aud: [] }],
    ["an audience in a list in a list", { aud: [["fleetgate"]] }],
    ["an audience that is an object", { aud: { fleetgate: true } }],
    ["no issuer", { iss: undefined }],
    ["an issuer that is a list", { iss: [1] }],
    ["an unknown issuer", { iss: "https://evil.example" }],
    ["the name of a member of every object for an issuer", { iss: "__proto__" }],
    ["no expiry", { exp: undefined }],
    ["an expiry that is a text", { exp: `${nowSeconds + 600}` }],
    ["an expiry that is no number", { exp: null }],
    ["a time before which it is not valid that is a text", { nbf: "x" }],
    ["a time of issue that is a text", { iat: "x" }],
  ];
  for (const [what, change] of refused) {
    it(`prove nothing with ${what}`, async (t) => {
      const { issuer, ask } = await setUp(t);
      assert.match(await ask(await sign(issuer.claims(change), ec)), /^refused/);
      assert.deepEqual(issuer.requests, [], "no key was looked for");
    });
  }

  const mapped: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["no verified address", { email_verified: false }],
    ["an address of another domain", { email: "ann@example.com.evil.org" }],
    ["no address", { email: undefined }],
  ];
  for (const [what, change] of mapped) {
    it(`prove nothing with ${what}, which nobody learns without a good signature`, async (t) => {
      const { issuer, ask } = await setUp(t);
      const token = await sign(issuer.claims(change), ec);
      const keySet = json({ keys: [ec.jwk] });
      issuer.answers.set(jwksPath, json({ keys: [] }));
      assert.equal(await ask(token), "unverifiable", "as with claims that fit");
      issuer.answers.set(jwksPath, keySet);
      const other = openVerifier(t, [issuerOptions(issuer.url)]);
      assert.match(await other.ask(token), /no rule|not verified/);
      const stranger = await sign(issuer.claims(change), otherEc);
      assert.equal(await other.ask(stranger), "refused: its signature or a claim is wrong");
    });
  }

  it("prove nothing with an issuer that differs by a slash or by the case of a letter", async (t) => {
    const { issuer, ask } = await setUp(t);
    for (const iss of [`${issuer.url}/`, issuer.url.toUpperCase(), ` ${issuer.url}`]) {
      assert.match(await ask(await sign(issuer.claims({ iss }), ec)), /none of the configured/);
    }
  });

  it("are read once: of two of one name the last counts, for the issuer too", async (t) => {
    const { issuer, ask } = await setUp(t);
    const text = JSON.stringify(issuer.claims());
    const twice = text.replace("{", '{"email":"root@example.com",');
    const signed = `${base64url({ alg: "ES256", kid: "ec" })}.${base64url(twice)}`;
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const bytes = await globalThis.crypto.subtle.sign(
      algorithm,
      ec.privateKey,
      encoder.encode(signed),
    );
    assert.equal(await ask(`${signed}.${Buffer.from(bytes).toString("base64url")}`), ann);
  });
});

describe("the times of a token", () => {
  const s = (seconds: number) => nowSeconds + seconds;
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, boolean])[] = [
    ["just before its expiry and the leeway", { exp: s(-29) }, true],
    ["at its expiry and the leeway", { exp: s(-30) }, false],
    ["long after its expiry", { exp: s(-3600) }, false],
    ["as early as the leeway allows", { nbf: s(30) }, true],
    ["too early by its nbf", { nbf: s(31) }, false],
    ["too early by its iat", { iat: s(31) }, false],
    ["with an iat as early as the leeway allows", { iat: s(30) }, true],
    ["without iat and nbf", { iat: undefined, nbf: undefined }, true],
    ["with a fraction", { exp: s(-29.5) }, true],
    ["with an endless expiry", { exp: 1e308 }, true],
    ["with a negative expiry", { exp: -1 }, false],
  ];
  for (const [what, change, good] of cases) {
    it(`${good ? "are good" : "are bad"} ${what}`, async (t) => {
      const { issuer, ask } = await setUp(t);
      const answer = await ask(await sign(issuer.claims(change), ec));
      if (good) assert.equal(answer, ann);
      else assert.match(answer, /expired|not valid yet/);
    });
  }

  it("are exact without leeway", async (t) => {
    const { issuer, ask } = await setUp(t, { leewayMs: 0 });
    const token = await sign(issuer.claims({ exp: s(10), nbf: s(0) }), ec);
    const at = (ms: number) => ask(token, new Date(now.getTime() + ms));
    assert.match(await at(-1), /not valid yet/);
    assert.equal(await at(0), ann);
    assert.equal(await at(9999), ann);
    assert.match(await at(10_000), /expired/);
  });

  it("have a greatest age where there is one, and must say it then", async (t) => {
    const { issuer, ask, verifier } = await setUp(t, { maxTokenAgeMs: 60_000 });
    const aged = (iat: number | undefined) => sign(issuer.claims({ iat, exp: s(3600) }), ec);
    assert.equal(await ask(await aged(s(-89))), ann);
    assert.match(await ask(await aged(s(-90))), /expired/);
    assert.match(await ask(await aged(undefined)), /does not say its age/);
    const outcome = await verifier.verify(await aged(s(0)), now);
    assert.equal(outcome.kind === "verified" && outcome.expiresAt, (nowSeconds + 90) * 1000);
  });
});

describe("the keys of an issuer", () => {
  it("are fetched at most once in 30 seconds, whatever a flood names", async (t) => {
    const bench = await setUp(t);
    const { issuer, ask } = bench;
    const flood = async () => {
      const tokens = await Promise.all(
        Array.from({ length: 100 }, (_, n) => sign(issuer.claims(), ec, { kid: `x${n}` })),
      );
      for (const answer of await Promise.all(tokens.map((token) => ask(token)))) {
        assert.match(answer, /no key/);
      }
    };
    await flood();
    await flood();
    assert.equal(issuer.requests.length, 2, "one load: the configuration and the key set");
    bench.time += 30_000;
    await flood();
    await flood();
    assert.equal(issuer.requests.length, 4);
  });

  it("rotate: a new one is fetched when a token names it", async (t) => {
    const issuer = await startIssuer(t, [ec.jwk]);
    const bench = openVerifier(t, [issuerOptions(issuer.url)]);
    assert.equal(await bench.ask(await sign(issuer.claims(), ec)), ann);
    const next = await makeKeyPair("next");
    issuer.keys = [next.jwk];
    const token = await sign(issuer.claims(), next);
    assert.match(await bench.ask(token), /no key/, "too early to look again");
    bench.time += 30_000;
    assert.equal(await bench.ask(token), ann);
    assert.match(await bench.ask(await sign(issuer.claims(), ec)), /no key/, "the old one is gone");
    assert.equal(issuer.requests.length, 4);
  });

  it("stay in use for a day when the issuer is down", async (t) => {
    const bench = await setUp(t);
    const { issuer, ask } = bench;
    const token = await sign(issuer.claims(), ec);
    assert.equal(await ask(token), ann);
    await issuer.stop();
    bench.time += 86_399_999;
    assert.equal(await ask(token), ann);
    assert.match(await ask(await sign(issuer.claims(), ec, { kid: "x" })), /no key/);
    bench.time += 1;
    assert.equal(await ask(token), "unverifiable");
    assert.equal(bench.told[0], "loaded");
    assert.ok(bench.told.length > 1 && bench.told.slice(1).every((one) => /REFUSED/.test(one)));
    assert.equal(bench.verifier.status()[0]?.failedLoads, bench.told.length - 1);
  });

  it("that were never loaded make a token unverifiable, but only a good one of that issuer", async (t) => {
    const { issuer, ask } = await setUp(t);
    issuer.answers.set(jwksPath, json({ keys: [] }));
    assert.equal(await ask(await sign(issuer.claims(), ec)), "unverifiable");
    assert.equal(await ask(await sign(issuer.claims(), ec)), "unverifiable");
    assert.equal(issuer.requests.length, 2);
    assert.match(await ask(await sign(issuer.claims({ exp: 1 }), ec)), /^refused/);
    assert.match(
      await ask(await sign(issuer.claims({ iss: "https://x.example" }), ec)),
      /^refused/,
    );
    assert.match(await ask(forge({ alg: "none" }, issuer.claims(), "")), /^refused/);
  });

  it("do not work for more than so many tokens: what more there are could not be told", async (t) => {
    const { issuer, ask } = await setUp(t);
    const token = await sign(issuer.claims(), ec);
    assert.equal(await ask(token), ann);
    const unseen = await sign(issuer.claims({ jti: "unseen" }), ec);
    const bad = await sign(issuer.claims(), otherEc, { kid: "ec" });
    const flood = Array.from({ length: maxUnverified + 200 }, () => ask(bad));
    const [seen, full] = await Promise.all([ask(token), ask(unseen)]);
    assert.equal(seen, ann, "a token that was seen before does not wait");
    assert.equal(full, "unverifiable");
    const outcomes = await Promise.all(flood);
    const told = outcomes.filter((one) => one.startsWith("refused"));
    assert.ok(told.length >= maxUnverified && told.length < outcomes.length, `${told.length}`);
    assert.ok(outcomes.every((one) => /^refused|^unverifiable/.test(one)));
    assert.equal(await ask(unseen), ann, "there is room again");
  });

  it("remember that a signature is good, and nothing else", async (t) => {
    const issuer = await startIssuer(t, [ec.jwk]);
    const bench = openVerifier(t, [issuerOptions(issuer.url)]);
    const token = await sign(issuer.claims(), ec);
    assert.equal(await bench.ask(token), ann);
    assert.equal(await bench.ask(token), ann);
    const later = new Date(now.getTime() + 3_600_000);
    assert.match(await bench.ask(token, later), /expired/);
    assert.match(await bench.ask(`${token}A`), /signature/);
    // The key is taken away, and comes back with another secret under the same name.
    issuer.keys = [{ ...otherEc.jwk, kid: "ec" }];
    bench.time += remoteTiming.maxAgeMs;
    await bench.ask(token);
    await eventually("the keys are loaded anew", () => bench.told.length === 2);
    assert.match(await bench.ask(token), /signature/);
  });

  it("are read from a file, and again when it changes", async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "fleetgate-keys-"));
    t.after(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "keys.json");
    const issuer = await startIssuer(t);
    const bench = openVerifier(t, [
      issuerOptions("https://other.example"),
      issuerOptions(issuer.url, { keys: { kind: "file", path } }),
    ]);
    writeFileSync(path, JSON.stringify({ keys: [ec.jwk] }));
    const token = await sign(issuer.claims(), ec);
    assert.equal(await bench.ask(token), ann);
    const next = await makeKeyPair("next");
    writeFileSync(path, JSON.stringify({ keys: [next.jwk] }));
    bench.time += 5000;
    assert.equal(await bench.ask(await sign(issuer.claims(), next)), ann);
    writeFileSync(path, "half a f");
    bench.time += 5000;
    assert.equal(
      await bench.ask(await sign(issuer.claims(), next)),
      ann,
      "a broken file changes nothing",
    );
    assert.deepEqual(issuer.requests, []);
  });
});

describe("issuers", () => {
  it("have rules of their own", async (t) => {
    const [one, two] = [await startIssuer(t, [ec.jwk]), await startIssuer(t, [ec.jwk])];
    const rule = ruleOf({ value: "ci:{sub}" });
    const { ask } = openVerifier(t, [
      issuerOptions(one.url),
      issuerOptions(two.url, { identities: [rule], audiences: ["two"] }),
    ]);
    assert.equal(await ask(await sign(one.claims(), ec)), ann);
    assert.equal(await ask(await sign(two.claims({ aud: "two" }), ec)), "service:ci:subject");
    assert.match(await ask(await sign(two.claims(), ec)), /another audience/);
  });

  it("are none by default, and then no token proves anything", async (t) => {
    const { ask, verifier } = openVerifier(t, []);
    assert.match(await ask(await sign({ iss: "x" }, ec)), /^refused/);
    assert.deepEqual(verifier.status(), []);
  });
});
