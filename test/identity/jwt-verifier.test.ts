import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  discoveryPath,
  issuerOptions,
  jwksPath,
  makeKeyPair,
  now,
  nowSeconds,
  ruleOf,
  sign,
  startIssuer,
} from "./support/test-issuer.ts";
import { ann, ec, openVerifier, otherEc, rsa, setUp } from "./support/verifier-bench.ts";

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
