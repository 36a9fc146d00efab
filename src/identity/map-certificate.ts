import { parseIdentity, type Identity } from "../domain/identity.ts";
import type { CertificateRule, CertificateSource } from "./certificate-rule.ts";
import type { ClientCertificate } from "./client-certificate.ts";
import { fillTemplate, matchPattern } from "./name-pattern.ts";
import { claimsSpiffe, parseSpiffeId } from "./spiffe-id.ts";

type Verified = Extract<ClientCertificate, { readonly kind: "verified" }>;

/**
 * Whose a certificate is: by the first rule that matches it, or nobody's (undefined). Nobody's is one that is
 * not verified, one that a rule matches by names of different identities, and one whose names make no
 * well-formed identity; no later rule is tried then. Whether it is valid now is certificateAt's business.
 */
export function mapCertificate(
  certificate: ClientCertificate,
  rules: readonly CertificateRule[],
): Identity | undefined {
  if (certificate.kind !== "verified") return undefined;
  for (const rule of rules) {
    const values = valuesOf(certificate, rule);
    const [value] = values;
    if (value === undefined) continue;
    return values.size === 1 ? parseIdentity(`${rule.kind}:${value}`) : undefined;
  }
  return undefined;
}

// What the rule makes of the names of the certificate that it matches.
function valuesOf(certificate: Verified, rule: CertificateRule): ReadonlySet<string> {
  const { organization, organizationalUnit, pattern, value } = rule;
  const fits =
    (organization === undefined || certificate.organizations.includes(organization)) &&
    (organizationalUnit === undefined ||
      certificate.organizationalUnits.includes(organizationalUnit));
  const values = new Set<string>();
  if (!fits) return values;
  for (const name of namesOf(certificate, rule.source)) {
    const words = matchPattern(pattern, name);
    if (words !== undefined) values.add(fillTemplate(value, words));
  }
  return values;
}

// A certificate that claims a SPIFFE ID is judged by that alone: its other names are ornaments, which the
// authority of a trust domain may let the workload choose.
function namesOf(certificate: Verified, source: CertificateSource): readonly string[] {
  const { uris, commonName, dnsNames, emails } = certificate;
  if (uris.some(claimsSpiffe)) {
    if (source.name !== "spiffe" || uris.length !== 1) return [];
    const id = parseSpiffeId(uris[0] ?? "");
    return id?.trustDomain === source.trustDomain ? [id.path] : [];
  }
  const names: Readonly<Record<CertificateSource["name"], readonly string[]>> = {
    spiffe: [],
    common_name: commonName === "" ? [] : [commonName],
    // Host names have no case: two spellings are one host, for every authority.
    dns: dnsNames.map((name) => name.toLowerCase()),
    email: emails,
  };
  return names[source.name];
}
