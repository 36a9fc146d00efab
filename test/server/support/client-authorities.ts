import { createAuthority, type TestCertificate } from "../../support/certificates.ts";

/** The authority that vouches for most clients. */
export const ca = await createAuthority("ca");

/** Another authority. */
export const otherCa = await createAuthority("other");

/** An authority that `ca` vouches for. */
export const middle = await ca.issueAuthority("middle");

/** A client of `ca`. */
export const good = await ca.issue({ subject: [{ CN: ["good"] }, { O: ["Example"] }] });

/** A client of `middle`, which brings the certificate of that along. */
export async function throughMiddle(): Promise<TestCertificate> {
  const { cert, key } = await middle.issue({ subject: [{ CN: ["deep"] }] });
  return { cert: cert + middle.cert, key };
}
