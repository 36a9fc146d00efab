import assert from "node:assert/strict";
import type {
  CertificateRule,
  CertificateRuleFields,
} from "../../../src/identity/certificate-rule.ts";
import type { ClientCertificate } from "../../../src/identity/client-certificate.ts";
import { parseCertificateRule } from "../../../src/identity/parse-certificate-rule.ts";

/** A certificate that an authority vouches for. */
export type Verified = Extract<ClientCertificate, { readonly kind: "verified" }>;

/** Such a certificate with these names and no others. */
export function certificate(names: Partial<Verified>): Verified {
  return {
    kind: "verified",
    commonName: "",
    organizations: [],
    organizationalUnits: [],
    uris: [],
    dnsNames: [],
    emails: [],
    fingerprint: "00",
    validFrom: 1000,
    validTo: 2000,
    ...names,
  };
}

/** Rules of these fields, which must be right. */
export function rulesOf(...fields: readonly CertificateRuleFields[]): readonly CertificateRule[] {
  return fields.map((one) => {
    const { rule, problems } = parseCertificateRule(one);
    assert.ok(rule !== undefined, JSON.stringify(problems));
    return rule;
  });
}

/** A rule for SPIFFE IDs. */
export const spiffe = {
  spiffe_trust_domain: "example.org",
  path: "/ns/{ns}/sa/{sa}",
  kind: "service",
  value: "{ns}:{sa}",
};

/** A rule for common names. */
export const host = { common_name: "{host}", kind: "bot", value: "{host}" };

/** A rule for DNS names. */
export const dns = { dns: "{host}.bots.example.org", kind: "bot", value: "{host}" };

/** A rule for mail addresses. */
export const email = { email: "{name}@example.org", kind: "user", value: "{name}@example.org" };
