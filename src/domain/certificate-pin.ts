/** Which certificate a server must show: the SHA-256 of its DER form, 64 lower-case hexadecimal digits. */
export type CertificatePin = string & { readonly __brand: "CertificatePin" };

/** What a good one is, to follow "must be". */
export const certificatePinRule =
  "sha256: and the 64 hexadecimal digits of the fingerprint without colons, as `fleetgate serve` prints it";

/** Reads `sha256:` and hexadecimal digits without colons between; undefined: it is something else. */
export function parseCertificatePin(text: string): CertificatePin | undefined {
  return /^sha256:[0-9a-fA-F]{64}$/.test(text)
    ? (text.slice("sha256:".length).toLowerCase() as CertificatePin)
    : undefined;
}

/** As {@link parseCertificatePin} reads it. */
export function formatCertificatePin(sha256: string): string {
  return `sha256:${sha256}`;
}
