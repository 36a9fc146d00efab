import type { X509Certificate } from "node:crypto";

/** SHA-256 over the DER form of a certificate: lower-case hexadecimal without colons. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}
