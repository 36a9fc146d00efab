import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  canary,
  problems as problemsOf,
  read as readOptions,
  type Sources,
} from "./support/read-options.ts";

const env = { DATABASE_URL: "postgres://db.example.com/fleetgate" };

const options = (text: string, flags: Readonly<Record<string, string>> = {}): Sources => ({
  env,
  flags,
  file: { path: "f.yaml", text },
});

const read = (...of: Parameters<typeof options>) => readOptions(options(...of));

const problems = (...of: Parameters<typeof options>) => problemsOf(options(...of));

type Fields = Readonly<Record<string, unknown>>;

const goodRule: Fields = { kind: "user", value: "{email}", domains: ["example.com"] };
const goodIssuer: Fields = {
  issuer: "https://accounts.example.com",
  audiences: ["fleetgate"],
  algorithms: ["RS256"],
  identities: [goodRule],
};

/** An options file with one issuer, in the JSON that YAML is a superset of. Undefined takes a field away. */
const issuerWith = (changes: Fields) =>
  JSON.stringify({ jwt_issuers: [{ ...goodIssuer, ...changes }] });
const ruleWith = (changes: Fields) => issuerWith({ identities: [{ ...goodRule, ...changes }] });

describe("jwt_issuers", () => {
  it("are read with their defaults", () => {
    const { jwtIssuers } = read(issuerWith({}));
    assert.deepEqual(jwtIssuers, [
      {
        issuer: "https://accounts.example.com",
        audiences: ["fleetgate"],
        algorithms: ["RS256"],
        keys: { kind: "discovery" },
        leewayMs: 30_000,
        maxTokenAgeMs: undefined,
        identities: [
          {
            kind: "user",
            value: [{ kind: "claim", claim: "email" }],
            when: [],
            domains: ["example.com"],
            allowUnverifiedEmail: false,
          },
        ],
      },
    ]);
  });

  it("are read with all their fields", () => {
    const { jwtIssuers } = read(`
jwt_issuers:
  - issuer: https://ci.example.com/tenant
    audiences: [a, b]
    algorithms: [ES256, EdDSA]
    jwks_url: https://keys.example.com/jwks?v=1
    leeway: 0s
    max_token_age: 1h
    identities:
      - kind: service
        value: "ci:{project_id}:{environment}"
        when:
          ref_protected: true
          namespace: [x, y]
  - issuer: http://127.0.0.1:8080
    audiences: [a]
    algorithms: [RS256]
    jwks_file: /etc/fleetgate/jwks.json
    discovery: false
    identities: [{ kind: bot, value: builder, when: { sub: x } }]
`);
    assert.deepEqual(jwtIssuers[0]?.keys, {
      kind: "url",
      url: "https://keys.example.com/jwks?v=1",
    });
    assert.equal(jwtIssuers[0].leewayMs, 0);
    assert.equal(jwtIssuers[0].maxTokenAgeMs, 3_600_000);
    assert.deepEqual(jwtIssuers[0].identities[0]?.when, [
      { claim: "ref_protected", values: ["true"] },
      { claim: "namespace", values: ["x", "y"] },
    ]);
    assert.deepEqual(jwtIssuers[1]?.keys, { kind: "file", path: "/etc/fleetgate/jwks.json" });
  });

  for (const field of ["issuer", "audiences", "algorithms", "identities"]) {
    it(`do not let the process start without ${field}`, () => {
      assert.deepEqual(problems(issuerWith({ [field]: undefined })), [
        `f.yaml:1:17: jwt_issuers[0].${field}: must be given`,
      ]);
      for (const empty of [null, [], "", {}, [""], [null]]) {
        assert.notDeepEqual(problems(issuerWith({ [field]: empty })), []);
      }
    });
  }

  const badIssuers: readonly (readonly [string, Fields, RegExp])[] = [
    ["an issuer over http", { issuer: "http://accounts.example.com" }, /issuer: must be a URL/],
    ["an issuer with a user", { issuer: `https://u:${canary}@a.example` }, /issuer: must be a URL/],
    ["an issuer with a query", { issuer: "https://a.example/?x=1" }, /issuer: must be a URL/],
    ["an issuer with a fragment", { issuer: "https://a.example/#x" }, /issuer: must be a URL/],
    ["an issuer with a space", { issuer: " https://a.example" }, /issuer: must be a URL/],
    ["an issuer that is no URL", { issuer: "accounts.example.com" }, /issuer: must be a URL/],
    ["a host that only looks local", { issuer: "http://127.0.0.1.example.com" }, /must be a URL/],
    ["a key set over http", { jwks_url: "http://a.example/jwks" }, /jwks_url: must be a URL/],
    ["a key set in a file URL", { jwks_url: "file:///etc/passwd" }, /jwks_url: must be a URL/],
    ["algorithm none", { algorithms: ["none"] }, /algorithms\[0\]: must be RS256/],
    ["a shared secret", { algorithms: ["RS256", "HS256"] }, /algorithms\[1\]: must be RS256/],
    ["one audience without a list", { audiences: "fleetgate" }, /audiences: must be a list/],
    ["a long leeway", { leeway: "301s" }, /leeway: must be a whole number .* from 0s to 5m/],
    ["two origins of keys", { jwks_url: "https://a.example", jwks_file: "x" }, /give one of/],
    ["discovery and a key set", { discovery: true, jwks_file: "x" }, /give one of/],
    ["no origin of keys", { discovery: false }, /jwks_url or jwks_file must be given/],
    [
      "a misspelt field",
      { audience: ["x"] },
      /"audience" is no field of it; did you mean "audiences"/,
    ],
    ["no mapping", {}, /jwt_issuers\[1\]: must be a mapping/],
  ];
  for (const [what, changes, message] of badIssuers) {
    it(`refuse ${what}`, () => {
      const text = JSON.stringify({
        jwt_issuers: [{ ...goodIssuer, ...changes }, ...(what === "no mapping" ? [canary] : [])],
      });
      const found = problems(text);
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", message);
    });
  }

  const badRules: readonly (readonly [string, Fields, RegExp])[] = [
    ["anonymous", { kind: "anonymous" }, /kind: must be user, service, bot, project or runner/],
    ["tasks", { kind: "task" }, /kind: must be/],
    ["users of any domain", { domains: undefined }, /domains: must be given/],
    ["a domain with @", { domains: ["@example.com"] }, /domains: must be names of domains/],
    ["a domain with *", { domains: ["*.example.com"] }, /domains: must be names of domains/],
    ["domains of services", { kind: "service", value: "{sub}" }, /domains: is only for users/],
    ["domains of a fixed user", { value: "a@example.com", when: { sub: "x" } }, /domains: is only/],
    ["claims side by side", { value: "{a}{b}@example.com" }, /value: must be a text with claims/],
    ["an open brace", { value: "{email" }, /value: must be a text with claims/],
    ["a claim without a name", { value: "{}" }, /value: must be a text with claims/],
    ["a value that is no identity", { value: "a b@example.com", domains: undefined }, /makes no/],
    ["a user without @", { value: "x-{email}-y/{a}" }, /value: makes no identity of the kind user/],
    ["a mapping for a value", { value: { email: null } }, /value: must be a text .* in quotes/],
    [
      "one identity for all",
      { kind: "bot", value: "b", domains: undefined },
      /when: must be given/,
    ],
    [
      "unverified nothing",
      { value: "{upn}", allow_unverified_email: true },
      /is only for values with/,
    ],
    ["a condition on nothing", { when: { x: [] } }, /when\["x"\]: must have 1 to 1000 items/],
    ["a condition on a mapping", { when: { x: { y: 1 } } }, /when\["x"\]: must be a text/],
    ["no conditions", { when: "x" }, /when: must be a mapping/],
  ];
  for (const [what, changes, message] of badRules) {
    it(`refuse rules for ${what}`, () => {
      assert.match(problems(ruleWith(changes)).join("\n"), message);
    });
  }

  it("have each issuer once", () => {
    const text = JSON.stringify({ jwt_issuers: [goodIssuer, goodIssuer] });
    assert.deepEqual(problems(text), ["jwt_issuers[1].issuer: is that of jwt_issuers[0]"]);
  });

  it("tell all problems at once, each with its line, and no value", () => {
    const found = problems(
      `
jwt_issuers:
  - issuer: ${canary}
    audiences: []
    algorithms: [HS256]
    identities:
      - kind: ${canary}
        value: "{email}"
        domain: [example.com]
client_certificates: {}
max_streams: 0
`,
    );
    assert.deepEqual(
      found.map((line) => line.replace(/must be .*/, "must be ...")),
      [
        "f.yaml:3:13: jwt_issuers[0].issuer: must be ...",
        "f.yaml:4:16: jwt_issuers[0].audiences: must have 1 to 100 items",
        "f.yaml:5:18: jwt_issuers[0].algorithms[0]: must be ...",
        'f.yaml:9:9: jwt_issuers[0].identities[0]: "domain" is no field of it; did you mean "domains"?',
        "f.yaml:7:15: jwt_issuers[0].identities[0].kind: must be ...",
        "f.yaml:10:22: client_certificates: must be ...",
        "f.yaml:11:1: max_streams: must be ...",
        "client_certificates: give tls_client_ca_file too, or no client is asked for a certificate",
      ],
    );
  });

  it("take no claim twice, however it is written: one condition would be lost", () => {
    for (const [one, other] of [
      ["1", '"1"'],
      ["true", "'true'"],
      ["a", '"a"'],
    ]) {
      const when = `{ ${one}: x, ${other}: y }`;
      const text = issuerWith({ identities: [{ ...goodRule, when: 0 }] });
      assert.match(problems(text.replace('"when":0', `"when":${when}`)).join("\n"), /there twice/);
    }
    const { jwtIssuers } = read(ruleWith({ when: JSON.parse('{"__proto__":"x"}') as unknown }));
    assert.deepEqual(jwtIssuers[0]?.identities[0]?.when, [{ claim: "__proto__", values: ["x"] }]);
    for (const name of ["__proto__", "constructor", "toString"]) {
      assert.match(problems(`${name}: 1\n`).join("\n"), /is no option/);
      assert.match(problems(issuerWith({ [name]: 1 })).join("\n"), /./);
    }
  });

  it("take no alias for a value, and no name twice", () => {
    const alias = "x: &a https://a.example\njwt_issuers: [{issuer: *a}]\n";
    assert.match(problems(alias).join("\n"), /jwt_issuers\[0\]\.issuer: must be a URL/);
    assert.match(problems("jwt_issuers: [{issuer: a, issuer: b}]").join(), /twice/);
    assert.match(problems("jwt_issuers: []\njwt_issuers: []").join(), /twice/);
  });

  it("stand in the options file only", () => {
    const variable = { ...env, FLEETGATE_JWT_ISSUERS: canary };
    assert.throws(() => readOptions({ env: variable }), /stands in the options file only/);
    assert.match(problems("", { jwt_issuers: canary }).join(), /flag "jwt_issuers" is no option/);
    assert.match(problems("jwt_issuer: []").join(), /did you mean "jwt_issuers"\?/);
  });
});

describe("client_certificates", () => {
  const tls = { tls_cert_file: "c", tls_key_file: "k", tls_client_ca_file: "ca" };
  const rules = "client_certificates: [{ common_name: '{host}', kind: bot, value: '{host}' }]\n";

  it("are read with the file of those who vouch for them", () => {
    const options = read(rules, tls);
    assert.equal(options.clientCertificates.length, 1);
    assert.equal(options.clientCertificates[0]?.kind, "bot");
    assert.deepEqual(options.tls, { certFile: "c", keyFile: "k", clientCaFile: "ca" });
  });

  it("need that file, and it needs them and TLS", () => {
    assert.match(problems(rules).join(), /^client_certificates: give tls_client_ca_file too/);
    assert.match(problems("", { tls_client_ca_file: "ca" }).join(), /over TLS only/);
    assert.match(problems("", tls).join(), /^tls_client_ca_file: give client_certificates too/);
  });

  it("tell what is wrong with a rule at its field", () => {
    const text = `client_certificates:\n  - common_name: "{host}"\n    kind: task\n    value: ${canary}\n`;
    assert.match(
      problems(text, tls).join("\n"),
      /f.yaml:3:5: client_certificates\[0\].kind: must be/,
    );
  });
});
