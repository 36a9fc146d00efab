import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { readAuthorities, type ClientAuthorities } from "./client-authorities.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { OptionsError } from "./options-error.ts";

/** The paths of a certificate chain and its private key, PEM. */
export interface IdentityFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

interface CommonTls {
  /** The path of those who vouch for clients, PEM; undefined: clients are not asked for a certificate. */
  readonly clientCaFile?: string | undefined;
  /** Undefined: TLS 1.2. */
  readonly minVersion?: "TLSv1.3" | undefined;
}

/** TLS whose material is in files alone. */
export interface TlsFiles extends IdentityFiles, CommonTls {}

/** Where the material of TLS is: the certificate and its key in files, or in memory. */
export type TlsSource = TlsFiles | (CommonTls & { readonly identity: TlsIdentity });

/** The server's certificate and its key. */
export interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** SHA-256 over the DER form of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The end of its validity, in ms since 1970. */
  readonly expiresAt: number;
}

/** What TLS is served with. */
export interface TlsMaterial {
  readonly identity: TlsIdentity;
  /** Undefined: clients are not asked for a certificate. */
  readonly authorities: ClientAuthorities | undefined;
}

/** Files that count together, and what they are good for. */
export interface FileSet<T> {
  /** Path and option of each. */
  readonly files: readonly (readonly [path: string, option: string])[];
  /** Takes their contents in the same order. Throws OptionsError when they cannot be used. */
  readonly parse: (contents: readonly Buffer[]) => T;
}

/** What a file set held when it was read. */
export interface Reading<T> {
  /** Equal when it was the same as before, usable or not. */
  readonly digest: string;
  /** What it is good for, or what is wrong with it. */
  readonly result: T | OptionsError;
}

/** The certificate and the key, which are read as a pair. */
export function identityFiles({ certFile, keyFile }: IdentityFiles): FileSet<TlsIdentity> {
  return {
    files: [
      [certFile, "tls_cert_file"],
      [keyFile, "tls_key_file"],
    ],
    parse: readIdentity,
  };
}

/** The certificates of those who vouch for clients. */
export function authorityFiles(clientCaFile: string): FileSet<ClientAuthorities> {
  return { files: [[clientCaFile, "tls_client_ca_file"]], parse: parseAuthorities };
}

/** Reads all files. Throws OptionsError with all problems when TLS cannot be served with them. */
export function readTlsFiles(source: TlsSource): TlsMaterial {
  const { clientCaFile } = source;
  const identity = "identity" in source ? source.identity : readPair(source);
  const authorities =
    clientCaFile === undefined ? undefined : readSync(authorityFiles(clientCaFile));
  const problems = [identity, authorities].filter((result) => result instanceof OptionsError);
  if (identity instanceof OptionsError || authorities instanceof OptionsError) {
    throw new OptionsError(problems.flatMap((error) => error.problems));
  }
  return { identity, authorities };
}

/** Reads the certificate and its key, or what is wrong with them. */
export function readPair(files: IdentityFiles): TlsIdentity | OptionsError {
  return readSync(identityFiles(files));
}

/** Reads a file set again. Never fails. */
export async function readFileSet<T>(set: FileSet<T>): Promise<Reading<T>> {
  const contents = await Promise.all(
    set.files.map(([path, option]) =>
      readFile(path).catch((cause: unknown) => unreadable(option, cause)),
    ),
  );
  return { digest: digestOf(contents), result: use(set, contents) };
}

function readSync<T>(set: FileSet<T>): T | OptionsError {
  const contents = set.files.map(([path, option]) => {
    try {
      return readFileSync(path);
    } catch (cause) {
      return unreadable(option, cause);
    }
  });
  return use(set, contents);
}

function use<T>(set: FileSet<T>, contents: readonly (Buffer | string)[]): T | OptionsError {
  const problems = contents.filter((content) => typeof content === "string");
  if (problems.length > 0) return new OptionsError(problems);
  try {
    return set.parse(contents.filter((content) => typeof content !== "string"));
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
}

function digestOf(contents: readonly (Buffer | string)[]): string {
  return contents.map((content) => createHash("sha256").update(content).digest("hex")).join(" ");
}

const explanations: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "the system does not permit it",
  EISDIR: "it is a directory",
};

function unreadable(option: string, cause: unknown): string {
  return `${option}: the file cannot be read: ${describeFileError(cause)}`;
}

/** Says why a file cannot be used, without its path: that may be the key itself, given in the wrong place. */
export function describeFileError(cause: unknown, missing?: string): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no code";
  if (code === "ENOENT" && missing !== undefined) return missing;
  return explanations[code] ?? `the system says ${code}`;
}

/**
 * Reads a certificate and its key. Throws OptionsError without a cause: what OpenSSL says about a key may hold parts of it.
 */
export function readIdentity([cert, key]: readonly Buffer[]): TlsIdentity {
  if (cert === undefined || key === undefined) throw unusable();
  try {
    createSecureContext({ cert, key });
    const certificate = new X509Certificate(cert);
    const expiresAt = certificate.validToDate.getTime();
    return { cert, key, fingerprint: fingerprintOf(certificate), expiresAt };
  } catch {
    throw unusable();
  }
}

function unusable(): OptionsError {
  return new OptionsError([
    "tls_cert_file and tls_key_file: must be a certificate and its private key without a passphrase, both PEM",
  ]);
}

function parseAuthorities([pem]: readonly Buffer[]): ClientAuthorities {
  const authorities = readAuthorities(pem ?? Buffer.alloc(0));
  if (authorities === undefined) {
    throw new OptionsError(["tls_client_ca_file: must be one or more certificates, PEM"]);
  }
  return authorities;
}
