import { createPrivateKey, randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { OptionsError } from "../options-error.ts";
import { describeFileError, readPair, type IdentityFiles } from "../tls-files.ts";

/** What a pair is made with. */
export interface PairMaker {
  /** A new private key, PEM. */
  readonly makeKey: () => string;
  /** The certificate of a key, both PEM. */
  readonly makeCertificate: (key: string) => string;
  readonly now: Date;
}

/**
 * Makes the certificate and the key in these files unless they are there. Throws OptionsError when they cannot be written, or are there
 * and cannot be used.
 *
 * The key comes first, and the certificate is that of the key in the file, whoever made it. Either appears as a whole and replaces
 * nothing. So servers that start at once, or one that dies in between, leave a pair.
 */
export function keepPair(files: IdentityFiles, maker: PairMaker): void {
  const { certFile, keyFile } = files;
  // In this order: another server may make both meanwhile.
  const hasCertificate = exists(certFile, "tls_cert_file");
  if (!exists(keyFile, "tls_key_file")) {
    if (hasCertificate) {
      throw new OptionsError([
        "tls_cert_file and tls_key_file: there is a certificate without its key: put the key there, or remove the certificate so that tls_self_signed makes both",
      ]);
    }
    putNew(keyFile, maker.makeKey(), 0o600, "tls_key_file");
  }
  if (!hasCertificate) {
    putNew(certFile, maker.makeCertificate(readOwnKey(keyFile)), 0o644, "tls_cert_file");
  }
  refuseUnusable(files, maker.now);
}

function refuseUnusable(files: IdentityFiles, now: Date): void {
  const pair = readPair(files);
  if (pair instanceof OptionsError) {
    const hint = "remove both, so that tls_self_signed makes others with another fingerprint";
    throw new OptionsError(pair.problems.map((problem) => `${problem}; or ${hint}`));
  }
  if (pair.expiresAt <= now.getTime()) {
    throw new OptionsError([
      "tls_cert_file: the certificate has expired: remove it and the file of tls_key_file, so that tls_self_signed makes others, and tell clients the new fingerprint",
    ]);
  }
}

function exists(path: string, option: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw new OptionsError([`${option}: the file cannot be read: ${describeFileError(error)}`]);
  }
}

// A certificate cannot be made for any kind of key, and a file of that name may be anything.
function readOwnKey(keyFile: string): string {
  try {
    const text = readFileSync(keyFile, "utf8");
    const { asymmetricKeyDetails } = createPrivateKey(text);
    if (asymmetricKeyDetails?.namedCurve === "prime256v1") return text;
  } catch {
    // What OpenSSL says about a key may hold parts of it.
  }
  throw new OptionsError([
    "tls_key_file: tls_self_signed makes certificates of ECDSA P-256 keys only, PEM without a passphrase: give the certificate of this key, or remove the key so that both are made",
  ]);
}

/** Writes a file that has its whole content from the first moment on; one that is there already stays. */
function putNew(path: string, text: string, mode: number, option: string): void {
  const draft = `${path}.${randomUUID()}.new`;
  try {
    const file = openSync(draft, "wx", mode);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    throw new OptionsError([
      `${option}: the file cannot be made: ${describeFileError(error, "there is no such directory")}`,
    ]);
  } finally {
    rmSync(draft, { force: true });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
