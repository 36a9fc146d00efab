import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  base64url,
  issuerOptions,
  json,
  jwksPath,
  now,
  nowSeconds,
  sign,
} from "./support/test-issuer.ts";
import { ann, ec, openVerifier, otherEc, setUp } from "./support/verifier-bench.ts";

const encoder = new TextEncoder();

describe("the claims of a token, its issuer and its audience among them (U60)", () => {
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
