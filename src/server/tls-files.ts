import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { OptionsError } from "./options-error.ts";

/** The paths of a certificate chain and its private key, both PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What TLS files hold. */
export interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads a certificate chain and its key. Throws OptionsError when TLS cannot be served with them. */
export function readTlsFiles(files: TlsFiles): TlsIdentity {
  const problems: string[] = [];
  const cert = readPem(files.certFile, "tls_cert_file", problems);
  const key = readPem(files.keyFile, "tls_key_file", problems);
  if (cert === undefined || key === undefined) throw new OptionsError(problems);
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new OptionsError([
      "tls_cert_file and tls_key_file: must be a certificate and its private key without a passphrase, both PEM",
    ]);
  }
  return { cert, key };
}

const explanations: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "the system does not permit it",
  EISDIR: "it is a directory",
};

// The path is not told: it may be the key itself, given in the wrong place.
function readPem(path: string, option: string, problems: string[]): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no code";
    const why = explanations[code] ?? `the system says ${code}`;
    problems.push(`${option}: the file cannot be read: ${why}`);
    return undefined;
  }
}
