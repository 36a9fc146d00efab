import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { mapClaims } from "../../src/identity/identity-rule.ts";
import { jwtAlgorithms } from "../../src/identity/jwt-issuer.ts";
import { identityRuleFields, jwtIssuerFields } from "../../src/server/jwt-issuer-shape.ts";
import { readServerOptions } from "../../src/server/options.ts";

const page = readFileSync(new URL("../../docs/identity.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ""]) => text);
const options = blocks.map((text) =>
  readServerOptions({
    env: { DATABASE_URL: "postgres://db.example.com/fleetgate" },
    flags: {},
    file: { path: "docs/identity.md", text },
  }),
);
const issuers = options.flatMap(({ jwtIssuers }) => jwtIssuers);

/** What an issuer of the page makes of claims. */
function identityOf(issuer: string, claims: Readonly<Record<string, unknown>>): string {
  const { identities } = issuers.find((one) => one.issuer === issuer) ?? assert.fail(issuer);
  const mapped = mapClaims(claims, identities);
  return mapped.kind === "identity" ? mapped.identity : "nobody";
}

/** The first cells of the rows of the table under a heading. */
function namesUnder(heading: string): readonly string[] {
  const section = page.split(`### ${heading}\n`)[1]?.split("\n#")[0] ?? assert.fail(heading);
  return [...section.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name = ""]) => name);
}

describe("docs/identity.md", () => {
  it("has examples that a server takes", () => {
    assert.ok(issuers.length >= 5);
    assert.ok(options.some(({ clientCertificates }) => clientCertificates.length > 0));
  });

  it("has a row for every field, and no other", () => {
    assert.deepEqual(namesUnder("Fields of an issuer"), Object.keys(jwtIssuerFields));
    assert.deepEqual(namesUnder("Fields of a rule"), Object.keys(identityRuleFields));
    assert.ok(page.includes(` ${jwtAlgorithms.join(", ")} `));
  });

  it("says which identities its examples make", () => {
    const github = "https://token.actions.githubusercontent.com";
    const run = {
      sub: "repo:example/web:ref:refs/heads/main",
      repository: "example/web",
      repository_id: "99",
      repository_owner_id: "4711",
      ref: "refs/heads/main",
    };
    assert.equal(identityOf(github, run), "service:web-release");
    assert.equal(identityOf(github, { ...run, ref: "refs/heads/x" }), "service:github:99");
    assert.equal(identityOf(github, { ...run, repository_owner_id: "666" }), "nobody");

    const gitlab = "https://gitlab.example.com";
    const job = { project_id: "42", project_path: "g/p", ref_protected: "true" };
    assert.equal(identityOf(gitlab, job), "service:ci:42");
    assert.equal(identityOf(gitlab, { ...job, ref_protected: "false" }), "nobody");
    assert.equal(identityOf(gitlab, { ...job, project_id: "7" }), "nobody");

    const google = "https://accounts.google.com";
    const ann = { email: "ann@example.com", email_verified: true, hd: "example.com" };
    assert.equal(identityOf(google, ann), "user:ann@example.com");
    assert.equal(identityOf(google, { ...ann, hd: undefined }), "nobody");
    assert.equal(identityOf(google, { ...ann, email_verified: false }), "nobody");
    const account = "builder@my-project.iam.gserviceaccount.com";
    assert.equal(identityOf(google, { email: account, email_verified: true }), `user:${account}`);

    const cluster = "https://kubernetes.default.svc.cluster.local";
    const sub = "system:serviceaccount:ci:runner";
    assert.equal(identityOf(cluster, { sub }), `service:${sub}`);
    assert.equal(identityOf(cluster, { sub: "system:serviceaccount:default:x" }), "nobody");
  });
});
