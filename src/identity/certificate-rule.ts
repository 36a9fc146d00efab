import type { IdentityKind } from "../domain/identity.ts";
import type { NamePattern, NameTemplate } from "./name-pattern.ts";

/**
 * A rule of `client_certificates` as it is written; see docs/identity.md. Exactly one of
 * `spiffe_trust_domain` (with `path`), `common_name`, `dns` and `email` says which name of a certificate counts;
 * `kind` and `value` say whose it is. In a pattern `{word}` stands for one or more of the letters that
 * its field allows, and `*` for the same without keeping it.
 */
export interface CertificateRuleFields {
  /** The trust domain of a SPIFFE ID: `example.org`. */
  readonly spiffe_trust_domain?: string | undefined;
  /** A pattern for the path of the SPIFFE ID: `/ns/{ns}/sa/{sa}`. */
  readonly path?: string | undefined;
  /** A pattern for the common name of the subject. */
  readonly common_name?: string | undefined;
  /** A pattern in lower case for a DNS name, which is taken in lower case: `{host}.example.org`. */
  readonly dns?: string | undefined;
  /** A pattern for a mail address, with a fixed domain: `{name}@example.org`. */
  readonly email?: string | undefined;
  /** An organization that the subject must name, exactly so. */
  readonly organization?: string | undefined;
  /** An organizational unit that the subject must name, exactly so. */
  readonly organizational_unit?: string | undefined;
  /** One of certificateKinds. */
  readonly kind?: string | undefined;
  /** The value of the identity, in which `{word}` is what the pattern found: `{ns}:{sa}`. */
  readonly value?: string | undefined;
}

/** The name of a field of a rule. */
export type CertificateRuleField = keyof CertificateRuleFields;

/** The kinds of identities that a certificate may prove: nobody is anonymous by proof, and tasks have tokens. */
export const certificateKinds = [
  "user",
  "service",
  "bot",
  "project",
  "runner",
] as const satisfies readonly IdentityKind[];

/** One of certificateKinds. */
export type CertificateKind = (typeof certificateKinds)[number];

/** Which certificates belong to which identity. Only parseCertificateRule makes one. */
export interface CertificateRule {
  readonly source: CertificateSource;
  /** For the name that the source tells. */
  readonly pattern: NamePattern;
  /** Undefined: any or none. */
  readonly organization: string | undefined;
  /** Undefined: any or none. */
  readonly organizationalUnit: string | undefined;
  readonly kind: CertificateKind;
  readonly value: NameTemplate;
}

/** Which name of a certificate a rule looks at. */
export type CertificateSource =
  | { readonly name: "spiffe"; readonly trustDomain: string }
  | { readonly name: "common_name" }
  | { readonly name: "dns" }
  | { readonly name: "email" };

/** What is wrong with a field of a rule. */
export interface CertificateRuleProblem {
  readonly field: CertificateRuleField;
  /** To follow "the field:"; repeats no value. */
  readonly message: string;
}

/** A rule, or all that is wrong with it. */
export type ParsedCertificateRule =
  | { readonly rule: CertificateRule; readonly problems: readonly [] }
  | { readonly rule: undefined; readonly problems: readonly CertificateRuleProblem[] };
