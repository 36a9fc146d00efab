import {
  certificatePinRule,
  parseCertificatePin,
  type CertificatePin,
} from "../../domain/certificate-pin.ts";
import { isLoopback } from "../../domain/loopback.ts";
import type { OnWarning } from "./warnings.ts";

/** What a client speaks HTTP/2 by. */
export type TransportName = "lean" | "stock";

/** How a client reaches Fleetgate. Times are in milliseconds. */
export interface FleetgateOptions {
  /** 1 to 100 URLs, `https://HOST[:PORT]` or `http://HOST[:PORT]`; the first one is used first. */
  readonly endpoints: readonly string[];
  /**
   * A file with the API key or JWT: the bare token, or the header file of `fleetgate key create --out`. It
   * is read again when it changes.
   */
  readonly keyFile?: string | undefined;
  /** A function that is asked for the token of every call; excludes `keyFile`. */
  readonly key?: (() => string | Promise<string>) | undefined;
  /** Certificate authorities in PEM, instead of those that Node trusts. */
  readonly caFile?: string | undefined;
  /**
   * `sha256:` and the hexadecimal fingerprint of the certificate that every endpoint must show, as `fleetgate serve` prints it: then
   * no authority and no name matters, and TLS is 1.3. Excludes `caFile`; wants `https://`.
   */
  readonly tlsFingerprint?: string | undefined;
  /** The client certificate and its key in PEM. */
  readonly clientCert?: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** The deadline of a call over all its attempts, unless the call sets `timeoutMs`: 1 to 600,000; 5,000 unless set. */
  readonly deadlineMs?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Whether the clients of the client itself share one session, see `session()`; false unless set. */
  readonly carryRevision?: boolean | undefined;
  /**
   * `lean`, unless set: the client speaks the protocol itself, for a fraction of the processor time of
   * `stock`, the transport of `@connectrpc/connect-node`. Answers and errors are the same.
   */
  readonly transport?: TransportName | undefined;
  /** Allows a credential to go unencrypted over a network. */
  readonly allowInsecure?: boolean | undefined;
  /** Is told what went wrong without failing a call; `process.emitWarning` unless set. */
  readonly onWarning?: OnWarning | undefined;
}

/** How a call that could not be answered is made again. */
export interface RetryOptions {
  /** How often each endpoint is tried at most: 1 to 10; 2 unless set. */
  readonly rounds?: number | undefined;
  /** The longest pause before the second round, when the server does not say; doubled for each further one: 0 to 60,000; 200 unless set. */
  readonly delayMs?: number | undefined;
  /** How long an endpoint that failed is tried after the others: 0 to 600,000; 5,000 unless set. */
  readonly coolDownMs?: number | undefined;
}

const optionNames: ReadonlySet<string> = new Set([
  "endpoints",
  "keyFile",
  "key",
  "caFile",
  "tlsFingerprint",
  "clientCert",
  "deadlineMs",
  "retry",
  "carryRevision",
  "transport",
  "allowInsecure",
  "onWarning",
]);

/** The options that a client works with after they were checked. */
export interface CheckedOptions {
  readonly endpoints: readonly URL[];
  readonly deadlineMs: number;
  readonly rounds: number;
  readonly delayMs: number;
  readonly coolDownMs: number;
  readonly transport: TransportName;
  /** Undefined: the authorities decide. */
  readonly pin: CertificatePin | undefined;
}

/** Checks what needs no file. Throws a TypeError that names the option and what it must be. */
export function checkOptions(options: FleetgateOptions): CheckedOptions {
  for (const name of Object.keys(options)) {
    if (!optionNames.has(name)) throw wrong(name, "there is no such option");
  }
  if (options.key !== undefined && options.keyFile !== undefined) {
    throw wrong("key", "it excludes keyFile");
  }
  const { retry = {} } = options;
  const endpoints = checkEndpoints(options);
  return {
    endpoints,
    deadlineMs: whole("deadlineMs", options.deadlineMs ?? 5000, 1, 600_000),
    rounds: whole("retry.rounds", retry.rounds ?? 2, 1, 10),
    delayMs: whole("retry.delayMs", retry.delayMs ?? 200, 0, 60_000),
    coolDownMs: whole("retry.coolDownMs", retry.coolDownMs ?? 5000, 0, 600_000),
    transport: checkTransport(options.transport ?? "lean"),
    pin: checkFingerprint(options),
  };
}

function checkFingerprint({
  tlsFingerprint: text,
  caFile,
}: FleetgateOptions): CertificatePin | undefined {
  if (text === undefined) return undefined;
  if (caFile !== undefined) throw wrong("tlsFingerprint", "it excludes caFile");
  const pin = parseCertificatePin(text);
  if (pin === undefined) throw wrong("tlsFingerprint", `it must be ${certificatePinRule}`);
  return pin;
}

function checkTransport(name: unknown): TransportName {
  if (name === "lean" || name === "stock") return name;
  throw wrong("transport", 'it must be "lean" or "stock"');
}

function checkEndpoints(options: FleetgateOptions): readonly URL[] {
  const { endpoints } = options;
  if (!Array.isArray(endpoints) || endpoints.length < 1 || endpoints.length > 100) {
    throw wrong("endpoints", "it must be a list of 1 to 100 URLs");
  }
  return endpoints.map((text: unknown, index) =>
    checkEndpoint(`endpoints[${index}]`, String(text), options),
  );
}

// A URL may hold a password, so no message quotes it.
function checkEndpoint(field: string, text: string, options: FleetgateOptions): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw wrong(field, "it must be https://HOST[:PORT] or http://HOST[:PORT]");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw wrong(field, "it must hold no user name, password, query or fragment");
  }
  if (url.protocol === "https:") return url;
  if (options.clientCert !== undefined) {
    throw wrong(field, "it must be https:// because a client certificate is set");
  }
  if (options.tlsFingerprint !== undefined) {
    throw wrong(field, "it must be https:// because tlsFingerprint is set");
  }
  const hasCredential = options.key !== undefined || options.keyFile !== undefined;
  if (hasCredential && !isLoopback(url.hostname) && options.allowInsecure !== true) {
    throw wrong(
      field,
      "the credential would go unencrypted over the network; use https://, or set allowInsecure",
    );
  }
  return url;
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(name, `it must be a whole number from ${least} to ${most}`);
}

function wrong(name: string, rule: string): TypeError {
  return new TypeError(`createFleetgate: ${name}: ${rule}`);
}
