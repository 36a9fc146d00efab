import { claimOf, type Claims } from "./claim-template.ts";
import type { JwtIssuerOptions } from "./jwt-issuer.ts";

/** From when on claims prove nothing any more, in ms since 1970; or why they prove nothing now. */
export type JwtTimes =
  | { readonly kind: "valid"; readonly expiresAt: number }
  | { readonly kind: "invalid"; readonly why: string };

/**
 * Looks at the times of a token: `exp` is necessary, and the token is dead at that instant plus the leeway;
 * `nbf` and `iat` must not lie further ahead than the leeway.
 */
export function checkTimes(
  claims: Claims,
  now: Date,
  options: Pick<JwtIssuerOptions, "leewayMs" | "maxTokenAgeMs">,
): JwtTimes {
  const { leewayMs, maxTokenAgeMs } = options;
  const [exp, nbf, iat] = ["exp", "nbf", "iat"].map((name) => instantOf(claims, name));
  if (typeof exp !== "number") return invalid("it has no expiry");
  if (nbf === "malformed" || iat === "malformed") return invalid("a time in it is malformed");
  if (iat === undefined && maxTokenAgeMs !== undefined) return invalid("it does not say its age");
  const at = now.getTime();
  const dies =
    maxTokenAgeMs === undefined || iat === undefined ? exp : Math.min(exp, iat + maxTokenAgeMs);
  if (at >= dies + leewayMs) return invalid("it has expired");
  if (at < Math.max(nbf ?? -Infinity, iat ?? -Infinity) - leewayMs) {
    return invalid("it is not valid yet");
  }
  return { kind: "valid", expiresAt: dies + leewayMs };
}

function invalid(why: string): JwtTimes {
  return { kind: "invalid", why };
}

// A NumericDate may have a fraction (RFC 7519, section 2).
function instantOf(claims: Claims, name: string): number | "malformed" | undefined {
  const value = claimOf(claims, name);
  if (value === undefined) return undefined;
  return typeof value === "number" && Number.isFinite(value) ? value * 1000 : "malformed";
}
