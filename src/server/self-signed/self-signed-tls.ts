import { generateKeyPairSync } from "node:crypto";
import {
  readIdentity,
  type IdentityFiles,
  type TlsFiles,
  type TlsIdentity,
  type TlsSource,
} from "../tls-files.ts";
import { keepPair } from "./kept-pair.ts";

/** TLS with a certificate that the server makes itself. */
export interface SelfSignedTls {
  /** Where the certificate and its key are kept; undefined: in memory, so that each start makes others. */
  readonly kept: IdentityFiles | undefined;
  /** Undefined: clients are not asked for a certificate. */
  readonly clientCaFile?: string | undefined;
}

/** Nobody who knows the fingerprint speaks less. */
const minVersion = "TLSv1.3";

/** Where the material of TLS is; a certificate of the server's own is made, or found, first. Throws OptionsError when it cannot be. */
export async function openTls(
  tls: TlsFiles | SelfSignedTls | undefined,
  now: Date,
): Promise<TlsSource | undefined> {
  return tls !== undefined && "kept" in tls ? prepareSelfSigned(tls, now) : tls;
}

/**
 * Makes the certificate, or finds the one that is kept. Throws OptionsError when one cannot be kept, or the one that is cannot be
 * used.
 */
async function prepareSelfSigned(tls: SelfSignedTls, now: Date): Promise<TlsSource> {
  // Loaded by nobody else: a library that writes certificates.
  const { makeCertificate } = await import("./make-certificate.ts");
  const { kept, clientCaFile } = tls;
  const common = { minVersion, clientCaFile } as const;
  const make = (key: string): string => makeCertificate(key, now);
  if (kept !== undefined) {
    keepPair(kept, { makeKey, makeCertificate: make, now });
    return { ...common, ...kept };
  }
  return { ...common, identity: identityOf(makeKey(), make) };
}

function makeKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function identityOf(key: string, make: (key: string) => string): TlsIdentity {
  return readIdentity([Buffer.from(make(key)), Buffer.from(key)]);
}
