import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";
import type { IdentityRule } from "../../../src/identity/identity-rule.ts";
import type { JwtAlgorithm, JwtIssuerOptions } from "../../../src/identity/jwt-issuer.ts";
import { parseIdentityRule } from "../../../src/identity/parse-identity-rule.ts";

/** A key pair of an issuer. */
export interface TestKeyPair {
  readonly kid: string;
  readonly algorithm: JwtAlgorithm;
  readonly privateKey: CryptoKey;
  /** What the issuer publishes. */
  readonly jwk: JWK;
}

/** Makes a key pair. */
export async function makeKeyPair(
  kid: string,
  algorithm: JwtAlgorithm = "ES256",
): Promise<TestKeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" };
  return { kid, algorithm, privateKey, jwk };
}

/** The instant at which tests of tokens happen. */
export const now = new Date("2026-06-01T12:00:00Z");

/** The same in seconds since 1970. */
export const nowSeconds = now.getTime() / 1000;

/** Answers a request of the verifier. */
export type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** An issuer on loopback. */
export interface TestIssuer {
  readonly url: string;
  /** What it publishes. */
  keys: readonly JWK[];
  /** Paths of all requests so far. */
  readonly requests: string[];
  /** Answers in place of the usual, by path. */
  readonly answers: Map<string, Answer>;
  /** Claims that are good for ten minutes. */
  claims(changes?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** Closes the port. */
  stop(): Promise<void>;
}

/** The path of the key set. */
export const jwksPath = "/keys";

/** The path of the OpenID configuration. */
export const discoveryPath = "/.well-known/openid-configuration";

/** Answers with a document. */
export function json(document: unknown): Answer {
  return (_, response) => {
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.end(JSON.stringify(document));
  };
}

/** Starts an issuer; the test stops it. */
export async function startIssuer(
  t: Pick<TestContext, "after">,
  keys: readonly JWK[] = [],
): Promise<TestIssuer> {
  const requests: string[] = [];
  const answers = new Map<string, Answer>();
  const server = http.createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    const answer = answers.get(path) ?? usual.get(path);
    if (answer !== undefined) answer(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: TestIssuer = {
    url,
    keys,
    requests,
    answers,
    claims: (changes = {}) => ({
      iss: url,
      aud: "fleetgate",
      sub: "subject",
      email: "ann@example.com",
      email_verified: true,
      iat: nowSeconds,
      exp: nowSeconds + 600,
      ...changes,
    }),
    stop: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  const usual = new Map<string, Answer>([
    [discoveryPath, json({ issuer: url, jwks_uri: `${url}${jwksPath}` })],
    [jwksPath, (request, response) => json({ keys: issuer.keys })(request, response)],
  ]);
  t.after(() => issuer.stop());
  return issuer;
}

/** A token of these claims, signed by a key, with what the header has besides. */
export function sign(
  claims: Readonly<Record<string, unknown>>,
  pair: TestKeyPair,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { kid, algorithm, privateKey } = pair;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, kid, ...header })
    .sign(privateKey, { crit: { strange: true } });
}

/** A token with any header, any claims and any signature. */
export function forge(header: unknown, claims: unknown, signature: Uint8Array | string): string {
  return `${base64url(header)}.${base64url(claims)}.${Buffer.from(signature).toString("base64url")}`;
}

/** A part of a token: a value as JSON, or a text as it is. */
export function base64url(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return Buffer.from(text).toString("base64url");
}

/** A rule as an options file has it. */
export function ruleOf(fields: {
  readonly kind?: IdentityRule["kind"];
  readonly value: string;
  readonly when?: Readonly<Record<string, readonly string[]>>;
  readonly domains?: readonly string[];
  readonly allow_unverified_email?: boolean;
}): IdentityRule {
  const { rule, problems } = parseIdentityRule({
    kind: "service",
    domains: [],
    allow_unverified_email: false,
    ...fields,
    when: new Map(Object.entries(fields.when ?? {})),
  });
  if (rule === undefined) throw new Error(JSON.stringify(problems));
  return rule;
}

/** Users by their mail address at example.com. */
export const userRule = ruleOf({ kind: "user", value: "{email}", domains: ["example.com"] });

/** Options of an issuer that is usual otherwise. */
export function issuerOptions(
  issuer: string,
  changes: Partial<JwtIssuerOptions> = {},
): JwtIssuerOptions {
  return {
    issuer,
    audiences: ["fleetgate"],
    algorithms: ["ES256"],
    keys: { kind: "discovery" },
    leewayMs: 30_000,
    maxTokenAgeMs: undefined,
    identities: [userRule],
    ...changes,
  };
}
