import type { TestContext } from "node:test";
import type { JwtIssuerOptions } from "../../../src/identity/jwt-issuer.ts";
import { createJwtVerifier, type JwtVerifier } from "../../../src/identity/jwt-verifier.ts";
import { issuerOptions, makeKeyPair, now, startIssuer, type TestIssuer } from "./test-issuer.ts";

/** A key pair for ES256, of the issuer of `setUp`. */
export const ec = await makeKeyPair("ec");

/** Another one under the same name, which that issuer does not publish. */
export const otherEc = await makeKeyPair("ec");

/** A key pair for RS256, of the issuer of `setUp`. */
export const rsa = await makeKeyPair("rsa", "RS256");

/** Who a token with the usual claims is. */
export const ann = "user:ann@example.com";

/** A verifier, and the clock of its keys. */
export interface Bench {
  readonly verifier: JwtVerifier;
  /** What a token comes to: an identity, `unverifiable`, or `refused: why`. */
  readonly ask: (token: string, at?: Date) => Promise<string>;
  readonly told: string[];
  /** What the clock of the keys says, in ms. */
  time: number;
}

/** Opens a verifier of tokens of these issuers; the test closes it. */
export function openVerifier(
  t: Pick<TestContext, "after">,
  issuers: readonly JwtIssuerOptions[],
): Bench {
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

/** An issuer that publishes `ec` and `rsa`, and a verifier of its tokens. */
export async function setUp(
  t: TestContext,
  changes: Partial<JwtIssuerOptions> = {},
): Promise<Bench & { readonly issuer: TestIssuer }> {
  const issuer = await startIssuer(t, [ec.jwk, rsa.jwk]);
  const options = issuerOptions(issuer.url, { algorithms: ["ES256", "RS256"], ...changes });
  return Object.assign(openVerifier(t, [options]), { issuer });
}
