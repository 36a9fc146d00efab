import type { Logger } from "pino";
import type { ClientAuthorities } from "./client-authorities.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { OptionsError } from "./options-error.ts";
import {
  authorityFiles,
  identityFiles,
  readFileSet,
  type FileSet,
  type TlsIdentity,
  type TlsMaterial,
  type TlsSource,
} from "./tls-files.ts";

/** How often TLS files are looked at, in ms. Watching instead would miss how Kubernetes swaps its links. */
export const usualTlsPollMs = 10_000;

/** What is in force of TLS. */
export interface TlsStatus {
  /** Of the server's certificate: SHA-256 over its DER form, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** When what the files hold, or what was made, ends to be valid, in ms since 1970, by its option. */
  readonly expiresAt: Readonly<Record<string, number>>;
  /** How often other contents came into force, and how often others could not be used, since the start. */
  readonly reloads: { readonly ok: number; readonly failed: number };
}

/** Keeps the TLS of a listener in step with its files. */
export interface TlsReload {
  status(): TlsStatus;
  /** Looks at the files no more. */
  close(): void;
}

/**
 * Looks at the files again and again. Contents that changed go to `onChange`; contents that cannot be used, such as a
 * certificate whose key is not there yet, are logged once, and what was in force stays so.
 */
export function startTlsReload(options: {
  readonly source: TlsSource;
  readonly material: TlsMaterial;
  readonly pollMs: number;
  readonly log: Logger;
  readonly onChange: (material: TlsMaterial) => void;
}): TlsReload {
  const { source, log, onChange } = options;
  let { material } = options;
  const reloads = { ok: 0, failed: 0 };

  function accept(next: TlsMaterial, facts: object): void {
    material = next;
    reloads.ok += 1;
    onChange(next);
    log.info(facts, "tls files reloaded");
  }
  function onProblems({ problems }: OptionsError): void {
    reloads.failed += 1;
    log.error({ problems }, "tls files cannot be used; those in force stay so");
  }
  const lookAtIdentity = createLookAtIdentity(source, onProblems, (identity) => {
    if (isSameIdentity(identity, material.identity)) return;
    const { fingerprint, expiresAt } = identity;
    const expires = new Date(expiresAt).toISOString();
    accept({ ...material, identity }, { option: "tls_cert_file", fingerprint, expires });
  });
  const lookAtAuthorities = createLookAtAuthorities(source, onProblems, (authorities) => {
    const before = material.authorities;
    if (before !== undefined && isSameAuthorities(authorities, before)) return;
    const fingerprints = authorities.certificates.slice(0, maxFingerprints).map(fingerprintOf);
    const expires = new Date(authorities.expiresAt).toISOString();
    const facts = { option: "tls_client_ca_file", fingerprints, expires };
    accept({ ...material, authorities }, facts);
  });
  const stop = startPolling(options.pollMs, async () => {
    await lookAtIdentity();
    await lookAtAuthorities();
  });
  return {
    status: () => ({
      fingerprint: material.identity.fingerprint,
      expiresAt: expiriesOf(source, material),
      reloads: { ...reloads },
    }),
    close: stop,
  };
}

/** How many fingerprints one line of the log tells. */
const maxFingerprints = 20;

function createLookAtIdentity(
  source: TlsSource,
  onProblems: (error: OptionsError) => void,
  onReading: (identity: TlsIdentity) => void,
): () => Promise<void> {
  if ("identity" in source) return async () => {};
  return createLook(identityFiles(source), onProblems, onReading);
}

function createLookAtAuthorities(
  { clientCaFile }: TlsSource,
  onProblems: (error: OptionsError) => void,
  onReading: (authorities: ClientAuthorities) => void,
): () => Promise<void> {
  if (clientCaFile === undefined) return async () => {};
  return createLook(authorityFiles(clientCaFile), onProblems, onReading);
}

// Takes a reading further when it is another one than the last.
function createLook<T>(
  set: FileSet<T>,
  onProblems: (error: OptionsError) => void,
  onReading: (result: T) => void,
): () => Promise<void> {
  let last = "";
  return async () => {
    const { digest, result } = await readFileSet(set);
    if (digest === last) return;
    last = digest;
    if (result instanceof OptionsError) onProblems(result);
    else onReading(result);
  };
}

function isSameIdentity(one: TlsIdentity, other: TlsIdentity): boolean {
  return one.cert.equals(other.cert) && one.key.equals(other.key);
}

function isSameAuthorities(one: ClientAuthorities, other: ClientAuthorities): boolean {
  const text = ({ certificates }: ClientAuthorities): string =>
    [...new Set(certificates.map(fingerprintOf))].sort().join(" ");
  return text(one) === text(other);
}

function expiriesOf(
  source: TlsSource,
  { identity, authorities }: TlsMaterial,
): TlsStatus["expiresAt"] {
  const name = "identity" in source ? "tls_self_signed" : "tls_cert_file";
  const own = { [name]: identity.expiresAt };
  return authorities === undefined ? own : { ...own, tls_client_ca_file: authorities.expiresAt };
}

// The next look begins a while after the last one has ended: a file system that hangs gathers none.
function startPolling(pollMs: number, look: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const next = (): void => {
    timer = setTimeout(() => {
      void look().finally(() => {
        if (!stopped) next();
      });
    }, pollMs).unref();
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
