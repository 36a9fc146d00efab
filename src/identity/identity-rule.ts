import { parseIdentity, type Identity, type IdentityKind } from "../domain/identity.ts";
import {
  claimOf,
  claimsOf,
  fillTemplate,
  type Claims,
  type ClaimTemplate,
} from "./claim-template.ts";

/** The kinds of identities that a JWT can prove: nobody vouches for nobody, and tasks prove themselves. */
export const provableKinds = [
  "user",
  "service",
  "bot",
  "project",
  "runner",
] as const satisfies readonly IdentityKind[];

/** A kind of identity that a JWT can prove. */
export type ProvableKind = (typeof provableKinds)[number];

/** A claim that a token must have, with one of some values. */
export interface ClaimCondition {
  readonly claim: string;
  readonly values: readonly string[];
}

/** How the claims of a token become an identity. */
export interface IdentityRule {
  readonly kind: ProvableKind;
  /** Makes the value of the identity. */
  readonly value: ClaimTemplate;
  /** All must hold for the rule to fit. */
  readonly when: readonly ClaimCondition[];
  /** For users that are made of claims: the domains that the rule fits, to the letter. Else empty. */
  readonly domains: readonly string[];
  /** Whether the claim `email` counts without `email_verified: true`. */
  readonly allowUnverifiedEmail: boolean;
}

/** The identity that claims stand for, or why they stand for none. */
export type MappedClaims =
  | { readonly kind: "identity"; readonly identity: Identity }
  | { readonly kind: "nobody"; readonly why: string };

/**
 * The identity that the first rule that fits makes of claims. A rule fits when all its conditions hold, its
 * claims are there, and the domain is one of its domains. When the one that fits makes no good identity, the
 * claims stand for nobody: no other rule is tried, and nothing is mended.
 */
export function mapClaims(claims: Claims, rules: readonly IdentityRule[]): MappedClaims {
  for (const rule of rules) {
    if (!rule.when.every((condition) => holds(claims, condition))) continue;
    const value = fillTemplate(rule.value, claims);
    if (value.kind === "missing") continue;
    if (value.kind === "unfit") return nobody("a claim cannot stand in the template of its rule");
    if (rule.domains.length > 0 && !rule.domains.includes(domainOf(value.text))) continue;
    if (!isEmailGood(claims, rule)) return nobody("the email is not verified");
    const identity = parseIdentity(`${rule.kind}:${value.text}`);
    return identity === undefined
      ? nobody("the rule makes a malformed identity")
      : { kind: "identity", identity };
  }
  return nobody("no rule of the issuer fits");
}

function nobody(why: string): MappedClaims {
  return { kind: "nobody", why };
}

/** Whether a claim has one of the values, as JSON writes it; one that is a list, whether an element does. */
function holds(claims: Claims, { claim, values }: ClaimCondition): boolean {
  const found = claimOf(claims, claim);
  const elements: readonly unknown[] = Array.isArray(found) ? found : [found];
  return elements.some((element) => isExact(element) && values.includes(String(element)));
}

// Of numbers beyond 2^53 several are read as one: a token that has one there proves nothing by it.
function isExact(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) || !Number.isInteger(value);
  return typeof value === "string" || typeof value === "boolean";
}

// What stands after the last @; a value with two of them is no user and is refused later.
function domainOf(value: string): string {
  return value.slice(value.lastIndexOf("@") + 1);
}

function isEmailGood(claims: Claims, rule: IdentityRule): boolean {
  if (rule.allowUnverifiedEmail || !claimsOf(rule.value).includes("email")) return true;
  return claimOf(claims, "email_verified") === true;
}
