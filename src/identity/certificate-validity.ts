import type { ClientCertificate } from "./client-certificate.ts";

/**
 * What a certificate of a connection is worth at a moment (ms since 1970): one that was verified proves
 * nothing before and after its time, however long its connection lasts.
 */
export function certificateAt(certificate: ClientCertificate, now: number): ClientCertificate {
  if (certificate.kind !== "verified") return certificate;
  const valid = certificate.validFrom <= now && now < certificate.validTo;
  return valid ? certificate : { kind: "bad" };
}
