import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { createSecureContext } from "node:tls";
import {
  certificatePinRule,
  parseCertificatePin,
  type CertificatePin,
} from "../domain/certificate-pin.ts";
import { usageError } from "./cli-error.ts";
import type { GlobalOptions } from "./cli.ts";
import type { Io } from "./io.ts";
import { nonEmpty } from "./non-empty.ts";
import { readInputFile } from "./read-input-file.ts";

/** Whom a connection trusts and what it proves itself with, PEM; what is absent is as Node has it. */
export interface TlsOptions {
  /** The certificate that the server must show; then authorities do not matter. */
  readonly pin?: CertificatePin;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** A file and the option or variable that names it. */
interface NamedFile {
  readonly from: string;
  readonly path: string;
}

/** The files of a client certificate. */
export interface ClientCertificateFiles {
  readonly cert: NamedFile;
  readonly key: NamedFile;
}

/** The files that options or environment name; undefined: neither. A usage error for half a pair. */
export function findClientCertificate(
  globals: GlobalOptions,
  io: Io,
): ClientCertificateFiles | undefined {
  const cert = findFile("client-cert-file", globals.clientCertFile, io);
  const key = findFile("client-key-file", globals.clientKeyFile, io);
  if (cert === undefined && key === undefined) return undefined;
  if (key === undefined) {
    throw usageError(`${cert?.from}: it wants the key of the certificate`, hintFor("key"));
  }
  if (cert === undefined) {
    throw usageError(`${key.from}: it wants the certificate of the key`, hintFor("cert"));
  }
  return { cert, key };
}

/**
 * Reads the pin and the files of TLS. A usage error names the option that cannot be used, and never shows what is
 * in its file.
 */
export function readTlsOptions(
  globals: GlobalOptions,
  io: Io,
  clientCertificate: ClientCertificateFiles | undefined,
  endpoint: URL,
): TlsOptions {
  const { caFile } = globals;
  return {
    ...readPin(globals, io, endpoint),
    ...(caFile === undefined ? {} : { ca: readAuthorities(caFile) }),
    ...(clientCertificate === undefined ? {} : readPair(clientCertificate, endpoint)),
  };
}

function readPin(
  { tlsFingerprint: option, caFile }: GlobalOptions,
  io: Io,
  endpoint: URL,
): { readonly pin?: CertificatePin } {
  const text = option ?? nonEmpty(io.env["FLEETGATE_TLS_FINGERPRINT"]);
  if (text === undefined) return {};
  const from = option === undefined ? "$FLEETGATE_TLS_FINGERPRINT" : "--tls-fingerprint";
  const pin = parseCertificatePin(text);
  if (pin === undefined) throw usageError(`${from}: it must be ${certificatePinRule}`);
  if (caFile !== undefined) {
    throw usageError(`${from}: it goes without --ca-file: the fingerprint says whom to trust`);
  }
  if (endpoint.protocol !== "https:") {
    throw usageError(`${from}: a fingerprint wants an https:// endpoint`);
  }
  return { pin };
}

function findFile(name: string, option: string | undefined, io: Io): NamedFile | undefined {
  if (option !== undefined) return { from: `--${name}`, path: option };
  const variable = `FLEETGATE_${name.toUpperCase().replaceAll("-", "_")}`;
  const path = nonEmpty(io.env[variable]);
  return path === undefined ? undefined : { from: `$${variable}`, path };
}

function hintFor(half: "cert" | "key"): string {
  return `name its file with --client-${half}-file or $FLEETGATE_CLIENT_${half.toUpperCase()}_FILE`;
}

function readAuthorities(caFile: string): string {
  const ca = readInputFile(caFile);
  // Node passes over what it cannot read, and would then trust nobody.
  if (parseCertificate(ca) === undefined) {
    throw usageError(`${caFile} is no file of certificate authorities in PEM`);
  }
  return ca;
}

function readPair(
  { cert, key }: ClientCertificateFiles,
  endpoint: URL,
): { readonly cert: string; readonly key: string } {
  if (endpoint.protocol !== "https:") {
    throw usageError(`${cert.from}: a client certificate wants an https:// endpoint`);
  }
  const pair = {
    cert: readInputFile(cert.path, cert.from),
    key: readInputFile(key.path, key.from),
  };
  const certificate = parseCertificate(pair.cert);
  if (certificate === undefined) {
    throw usageError(`${cert.from}: ${cert.path} holds no certificate in PEM`);
  }
  const privateKey = parseKey(pair.key);
  if (privateKey === undefined) {
    throw usageError(`${key.from}: ${key.path} holds no private key in PEM without a passphrase`);
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw usageError(
      `${key.from}: ${key.path} is not the key of the first certificate in ${cert.path}`,
    );
  }
  if (!isUsable(pair)) {
    throw usageError(`${cert.from}: ${cert.path} and its key cannot be used for TLS`);
  }
  return pair;
}

function parseCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function parseKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** A further certificate of the chain may be broken, or the key too weak. */
function isUsable(pair: { readonly cert: string; readonly key: string }): boolean {
  try {
    createSecureContext(pair);
    return true;
  } catch {
    return false;
  }
}
