import { parseIdentity } from "../domain/identity.ts";
import { hasForbiddenCharacter } from "../domain/text.ts";
import {
  certificateKinds,
  type CertificateKind,
  type CertificateRuleField,
  type CertificateRuleFields,
  type CertificateRuleProblem,
  type CertificateSource,
  type ParsedCertificateRule,
} from "./certificate-rule.ts";
import { fillTemplate, parsePattern, parseTemplate, type NamePattern } from "./name-pattern.ts";
import { isTrustDomain } from "./spiffe-id.ts";

type Report = (field: CertificateRuleField, message: string) => void;

/** Reads a rule as it was written, or tells all that is wrong with it. An empty field counts as absent. */
export function parseCertificateRule(fields: CertificateRuleFields): ParsedCertificateRule {
  const problems: CertificateRuleProblem[] = [];
  const report: Report = (field, message) => {
    problems.push({ field, message });
  };
  const subject = readSource(fields, report);
  const organization = readConstraint(fields, "organization", report);
  const organizationalUnit = readConstraint(fields, "organizational_unit", report);
  const kind = certificateKinds.find((known) => known === fields.kind);
  if (kind === undefined) report("kind", `must be one of ${certificateKinds.join(", ")}`);
  const text = given(fields, "value");
  if (text === undefined) {
    report("value", "must be given: the value of the identity, such as {name}");
  }
  if (subject === undefined || kind === undefined || text === undefined) {
    return { rule: undefined, problems };
  }
  const { source, pattern } = subject;
  const value = parseTemplate(text, pattern, alphabets[source.name]);
  if (typeof value === "string") report("value", value);
  else if (
    !isGoodValue(kind, fillTemplate(value, new Map(value.words.map((word) => [word, "a"]))))
  ) {
    report("value", `makes no identity of the kind ${kind}`);
  } else if (problems.length === 0) {
    return {
      rule: { source, pattern, organization, organizationalUnit, kind, value },
      problems: [],
    };
  }
  return { rule: undefined, problems };
}

// What a gap of a pattern may stand for, as the inside of a character class. None of these needs an escape.
const alphabets: Readonly<Record<CertificateSource["name"], string>> = {
  spiffe: "0-9A-Za-z_.-",
  common_name: "0-9A-Za-z_.-",
  dns: "0-9a-z_-",
  email: "0-9A-Za-z_.+-",
};

interface Subject {
  readonly source: CertificateSource;
  readonly pattern: NamePattern;
}

const sourceFields = ["spiffe_trust_domain", "common_name", "dns", "email"] as const;

function readSource(fields: CertificateRuleFields, report: Report): Subject | undefined {
  const [field, ...more] = sourceFields.filter((name) => given(fields, name) !== undefined);
  if (field === undefined) {
    report("common_name", `one of ${sourceFields.join(", ")} must be given`);
    return undefined;
  }
  for (const other of more) report(other, `must not be given beside ${field}: write another rule`);
  if (field !== "spiffe_trust_domain") {
    if (given(fields, "path") !== undefined) {
      report("path", "is for rules with spiffe_trust_domain");
    }
    const pattern = readPattern(fields, field, alphabets[field], report);
    return pattern && { source: { name: field }, pattern };
  }
  const trustDomain = given(fields, field) ?? "";
  if (!isTrustDomain(trustDomain)) {
    report(field, "must be a name of 1 to 255 of a-z, 0-9 and ._- without spiffe://");
  }
  const pattern = readPattern(fields, "path", alphabets.spiffe, report);
  return pattern && { source: { name: "spiffe", trustDomain }, pattern };
}

// The fixed parts of a pattern, such that it can match at all.
const shapes: Readonly<
  Record<"path" | "common_name" | "dns" | "email", readonly [RegExp, string]>
> = {
  path: [
    /^(\/(?!\.{1,2}(\/|$))[0-9A-Za-z_.-]+)+$/,
    'must be "/" and a segment of letters, digits and ._- or {word}, as often as necessary',
  ],
  common_name: [/^/, ""],
  dns: [
    /^[0-9a-z_-]+(\.[0-9a-z_-]+)*$/,
    "must be a DNS name in lower case, with {word} inside of its labels",
  ],
  email: [
    /^[0-9A-Za-z_.+%-]+@[0-9a-z-]+(\.[0-9a-z-]+)*$/,
    'must be a mail address whose domain is in lower case and fixed, such as "{name}@example.org"',
  ],
};

function readPattern(
  fields: CertificateRuleFields,
  field: "path" | "common_name" | "dns" | "email",
  alphabet: string,
  report: Report,
): NamePattern | undefined {
  const text = given(fields, field) ?? "";
  const pattern = parsePattern(text, alphabet);
  if (typeof pattern === "string") {
    report(field, pattern);
    return undefined;
  }
  const [shape, message] = shapes[field];
  const sample = text.replace(/\{[a-z0-9_]+\}|\*/g, "a");
  if (hasForbiddenCharacter(text)) report(field, "must not hold control characters");
  else if (!shape.test(sample)) report(field, message);
  else if (field === "email" && /@.*[{*]/.test(text)) report(field, message);
  return pattern;
}

function readConstraint(
  fields: CertificateRuleFields,
  field: "organization" | "organizational_unit",
  report: Report,
): string | undefined {
  const text = given(fields, field);
  if (text !== undefined && (text.length > 200 || hasForbiddenCharacter(text))) {
    report(field, "must be 1 to 200 characters without control characters");
  }
  return text;
}

function given(fields: CertificateRuleFields, field: CertificateRuleField): string | undefined {
  const text = fields[field];
  return text === "" ? undefined : text;
}

function isGoodValue(kind: CertificateKind, value: string): boolean {
  return parseIdentity(`${kind}:${value}`) !== undefined;
}
