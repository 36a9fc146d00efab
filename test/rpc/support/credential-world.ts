import assert from "node:assert/strict";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { parseCertificateRule } from "../../../src/identity/parse-certificate-rule.ts";
import type { ClientCertificate } from "../../../src/identity/client-certificate.ts";
import { createJwtVerifier, type JwtVerifier } from "../../../src/identity/jwt-verifier.ts";
import type { VerifyJwt } from "../../../src/identity/jwt-outcome.ts";
import { certificate } from "../../identity/support/certificate-rules.ts";
import {
  issuerOptions,
  makeKeyPair,
  startIssuer,
  type TestIssuer,
  type TestKeyPair,
} from "../../identity/support/test-issuer.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./bench.ts";
import type { RawReply } from "./exchange.ts";
import { now } from "./keys.ts";

const { checkServerPerm } = AclService.method;

/** A permission that administrators have at the server level. */
export const permission = "swarming.servers.peek";

/** The path of the check of it. */
export const checkPath = "/fleetgate.acl.v1.AclService/CheckServerPerm";

/** The headers of a message in JSON. */
export const json1 = { "content-type": "application/json" };

const { rule } = parseCertificateRule({ common_name: "{name}", kind: "bot", value: "{name}" });
assert.ok(rule);
const certificateRules = [rule];

/** A certificate that is good around the time of the tests. */
export const good = certificate({
  commonName: "host1",
  fingerprint: "f1",
  validFrom: now.getTime() - 1000,
  validTo: now.getTime() + 1000,
});

/** What is proven without a certificate. */
export const none: ClientCertificate = { kind: "none" };

/** Certificates by what there is to say of them. */
export const certificates: Readonly<Record<string, ClientCertificate>> = {
  none,
  good,
  bad: { kind: "bad" },
  "of nobody": { ...good, commonName: "" },
  expired: { ...good, validTo: now.getTime() },
  "not yet valid": { ...good, validFrom: now.getTime() + 1 },
};

/** A bench with an issuer, whose connections show the certificate that the test sets. */
export interface World {
  readonly bench: Bench;
  readonly issuer: TestIssuer;
  readonly pair: TestKeyPair;
  readonly verifier: JwtVerifier;
  certificate: ClientCertificate;
  /** How many tokens were verified. */
  verified: number;
  close(): Promise<void>;
}

/** Opens such a bench. Tokens are verified by their issuer's keys, unless `verifyJwt` does it. */
export async function openWorld(allowAnonymous = false, verifyJwt?: VerifyJwt): Promise<World> {
  const closers: (() => Promise<unknown>)[] = [];
  const pair = await makeKeyPair("k");
  const issuer = await startIssuer(
    { after: (close) => void closers.push(close as () => Promise<unknown>) },
    [pair.jwk],
  );
  const verifier = createJwtVerifier([issuerOptions(issuer.url)], { onLoad: () => {} });
  const bench = await openBench({
    allowAnonymous,
    identity: {
      verifyJwt(token, at) {
        world.verified += 1;
        return (verifyJwt ?? verifier.verify)(token, at);
      },
      certificateRules,
      certificateOf: () => world.certificate,
    },
  });
  const world: World = {
    bench,
    issuer,
    pair,
    verifier,
    certificate: none,
    verified: 0,
    close: async () => {
      await bench.close();
      verifier.close();
      for (const close of closers) await close();
    },
  };
  return world;
}

/** Checks the permission for whom the token and the certificate of the world prove. */
export async function checkServer(world: World, token: string | undefined): Promise<Reply> {
  const { transport } = world.bench.wires[0] ?? assert.fail();
  return ask(transport, checkServerPerm, { permission }, token === undefined ? {} : bearer(token));
}

/** A reply as bytes, without the name that each has. */
export function bytesOf(reply: RawReply): string {
  const { "x-request-id": id, ...headers } = reply.headers;
  assert.ok(id);
  return JSON.stringify({ ...reply, headers, body: reply.body.toString("latin1") });
}
