import { X509Certificate } from "node:crypto";
import { fingerprintOf } from "./fingerprint.ts";

/** Those who vouch for the certificates of clients. */
export interface ClientAuthorities {
  readonly certificates: readonly X509Certificate[];
  /** When the first of them ends to be valid, in ms since 1970. */
  readonly expiresAt: number;
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads certificates from PEM, with any text around them; undefined when one is malformed or there is none. */
export function readAuthorities(pem: Buffer): ClientAuthorities | undefined {
  const text = pem.toString("latin1");
  const blocks = text.match(block) ?? [];
  // Half a block, and a block of another kind such as a key, would be passed over in silence.
  if (blocks.length === 0 || blocks.length !== text.split("-----BEGIN ").length - 1)
    return undefined;
  try {
    const certificates = blocks.map((one) => new X509Certificate(one));
    const expiresAt = Math.min(...certificates.map(({ validToDate }) => validToDate.getTime()));
    return { certificates, expiresAt };
  } catch {
    return undefined;
  }
}

/**
 * Whether a client's certificate that was verified under the authorities `before` is vouched for by `after`
 * too. Says yes only when it is certain that none of those removed was needed. What is between the certificate and
 * its authority is not known here, unless it is an authority itself: such a client may have to prove itself anew.
 */
export function stillVouched(
  certificate: X509Certificate,
  before: ClientAuthorities,
  after: ClientAuthorities,
): boolean {
  const kept = new Set(after.certificates.map(fingerprintOf));
  // Trust that only grew takes nothing back.
  if (before.certificates.every((authority) => kept.has(fingerprintOf(authority)))) return true;

  function isVouched(issued: X509Certificate, depth: number): boolean {
    // Any of them may be the one that was taken; all must lead to roots that are kept.
    const issuers = before.certificates.filter((authority) => isIssuedBy(issued, authority));
    return (
      issuers.length > 0 &&
      depth < maxDepth &&
      issuers.every(
        (issuer) =>
          kept.has(fingerprintOf(issuer)) &&
          (isIssuedBy(issuer, issuer) || isVouched(issuer, depth + 1)),
      )
    );
  }
  return isVouched(certificate, 0);
}

/** How many authorities may vouch for one another. */
const maxDepth = 4;

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
