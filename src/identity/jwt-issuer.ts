import type { IdentityRule } from "./identity-rule.ts";

/**
 * The algorithms that an issuer may be configured with: signatures by a private key only. With a shared
 * secret (HS256 ...) everybody who verifies could also sign, and `none` proves nothing.
 */
export const jwtAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

/** One of the algorithms that JWTs may be signed with. */
export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

/** Where the public keys of an issuer come from. */
export type KeyOrigin =
  /** The `jwks_uri` of its OpenID configuration, when that is on the host of the issuer. */
  | { readonly kind: "discovery" }
  /** A key set at this address. */
  | { readonly kind: "url"; readonly url: string }
  /** A key set in a file of this machine. */
  | { readonly kind: "file"; readonly path: string };

/** An issuer whose JWTs prove who a peer is. Times are in milliseconds. */
export interface JwtIssuerOptions {
  /** What the claim `iss` says, to the letter. */
  readonly issuer: string;
  /** The claim `aud` has one of them. Never empty. */
  readonly audiences: readonly string[];
  /** Never empty. */
  readonly algorithms: readonly JwtAlgorithm[];
  readonly keys: KeyOrigin;
  /** How far the clocks of the issuer and of this machine may be apart. */
  readonly leewayMs: number;
  /** How old a token may be by its claim `iat`, which it must have then; undefined: as old as `exp` allows. */
  readonly maxTokenAgeMs: number | undefined;
  /** The first rule that fits decides. Never empty. */
  readonly identities: readonly IdentityRule[];
}
