import { parseIdentity } from "../domain/identity.ts";
import { claimsOf, parseTemplate, type ClaimTemplate } from "./claim-template.ts";
import {
  provableKinds,
  type ClaimCondition,
  type IdentityRule,
  type ProvableKind,
} from "./identity-rule.ts";

/** A rule of `identities` as it is written; see docs/identity.md. */
export interface IdentityRuleFields {
  readonly kind: ProvableKind;
  /** A template: `{email}`, `ci:{project_id}`, or a fixed value. */
  readonly value: string;
  readonly when: ReadonlyMap<string, readonly string[]>;
  readonly domains: readonly string[];
  readonly allow_unverified_email: boolean;
}

/** What is wrong with a field of a rule. */
export interface IdentityRuleProblem {
  readonly field: keyof IdentityRuleFields;
  /** To follow "the field:"; repeats no value. */
  readonly message: string;
}

/** A rule, or all that is wrong with it. */
export type ParsedIdentityRule =
  | { readonly rule: IdentityRule; readonly problems: readonly [] }
  | { readonly rule: undefined; readonly problems: readonly IdentityRuleProblem[] };

/** Reads a rule as it was written, or tells all that is wrong with it. */
export function parseIdentityRule(fields: IdentityRuleFields): ParsedIdentityRule {
  const { kind, domains, allow_unverified_email: allowUnverifiedEmail } = fields;
  const value = parseTemplate(fields.value);
  if (value === undefined) return { rule: undefined, problems: [malformed] };
  const problems = [
    ...checkValue(kind, value, fields.when.size > 0),
    ...checkDomains(kind, value, domains),
    ...checkEmail(value, allowUnverifiedEmail),
  ];
  if (problems.length > 0) return { rule: undefined, problems };
  const when: readonly ClaimCondition[] = [...fields.when].map(([claim, values]) => {
    return { claim, values };
  });
  return { rule: { kind, value, when, domains, allowUnverifiedEmail }, problems: [] };
}

const malformed: IdentityRuleProblem = {
  field: "value",
  message:
    "must be a text with claims in braces, such as ci:{project_id}, and text between two claims",
};

function checkValue(
  kind: ProvableKind,
  value: ClaimTemplate,
  isConditional: boolean,
): readonly IdentityRuleProblem[] {
  const problems: IdentityRuleProblem[] = [];
  if (!canMakeIdentity(kind, value)) {
    const hint = `kinds are ${provableKinds.join(", ")}; docs/identity.md says what each allows`;
    problems.push({ field: "value", message: `makes no identity of the kind ${kind}; ${hint}` });
  }
  if (claimsOf(value).length === 0 && !isConditional) {
    const message =
      "must be given with a fixed value, or every token of the issuer has the identity";
    problems.push({ field: "when", message });
  }
  return problems;
}

// Whether some claims make a good identity. Only the last claim may hold the "@" of a user.
function canMakeIdentity(kind: ProvableKind, value: ClaimTemplate): boolean {
  const last = value.findLastIndex((part) => part.kind === "claim");
  return ["1", "a@a"].some((sample) => {
    const texts = value.map((part, index) => {
      if (part.kind === "text") return part.text;
      return index === last ? sample : "1";
    });
    return parseIdentity(`${kind}:${texts.join("")}`) !== undefined;
  });
}

const domain = /^[0-9a-zA-Z_-]+(\.[0-9a-zA-Z_-]+)*$/;

function checkDomains(
  kind: ProvableKind,
  value: ClaimTemplate,
  domains: readonly string[],
): readonly IdentityRuleProblem[] {
  const field = "domains";
  if (kind !== "user" || claimsOf(value).length === 0) {
    const message = "is only for users whose value is made of claims";
    return domains.length === 0 ? [] : [{ field, message }];
  }
  if (domains.length === 0) {
    const message = "must be given: the domains whose users the issuer may vouch for";
    return [{ field, message }];
  }
  const message = "must be names of domains, such as example.com";
  return domains.every((name) => domain.test(name)) ? [] : [{ field, message }];
}

function checkEmail(
  value: ClaimTemplate,
  allowUnverifiedEmail: boolean,
): readonly IdentityRuleProblem[] {
  if (!allowUnverifiedEmail || claimsOf(value).includes("email")) return [];
  return [{ field: "allow_unverified_email", message: "is only for values with {email} in them" }];
}
