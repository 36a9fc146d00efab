import type { Identity } from "../domain/identity.ts";

/** What a JWT came to. */
export type JwtOutcome =
  /** It proves an identity. */
  | {
      readonly kind: "verified";
      readonly identity: Identity;
      /** The configured issuer that vouches for it. */
      readonly issuer: string;
      /** The first instant at which it proves nothing any more, leeway included, in ms since 1970. */
      readonly expiresAt: number;
    }
  /** It proves nothing. `why` is for the log only, and holds nothing of the token. */
  | { readonly kind: "refused"; readonly why: string }
  /** Its issuer is a configured one whose keys are not known, or too many tokens wait: nobody can tell. */
  | { readonly kind: "unverifiable" };

/** Tells what a JWT proves at an instant. Never fails. */
export type VerifyJwt = (token: string, now: Date) => Promise<JwtOutcome>;
