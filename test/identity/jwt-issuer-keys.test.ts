import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { maxUnverified, remoteTiming } from "../../src/identity/jwt-verifier.ts";
import { eventually } from "../e2e/support/eventually.ts";
import {
  forge,
  issuerOptions,
  json,
  jwksPath,
  makeKeyPair,
  now,
  sign,
  startIssuer,
} from "./support/test-issuer.ts";
import { ann, ec, openVerifier, otherEc, setUp } from "./support/verifier-bench.ts";

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
