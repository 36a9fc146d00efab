import { Code, type ConnectError } from "@connectrpc/connect";
import { findWrongCertificate } from "../client/node/pinned-socket.ts";
import { CliError } from "./cli-error.ts";
import { credentialHint, type SentCredentials } from "./credential-hint.ts";
import { findErrorInfo, toStatus } from "./error-status.ts";
import { exitCodes } from "./exit-code.ts";
import { isReason, reasonExitCode, reasonHint } from "./reason-hints.ts";

/** What was tried. */
export interface Attempt extends SentCredentials {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly timeoutMs: number;
}

/** Says what an error of a call means to who typed the command, and what to do. */
export function explainConnectError(error: ConnectError, attempt: Attempt): CliError {
  const status = toStatus(error);
  const info = findErrorInfo(error);
  const common = { status, cause: error } as const;
  if (info === undefined) {
    const { message, hint } = explainTransport(error, attempt);
    return new CliError(message, { ...common, exitCode: exitCodes.failed, hint });
  }
  const known = isReason(info.reason) ? info.reason : undefined;
  const hint =
    known === "CREDENTIAL_REQUIRED"
      ? credentialHint(attempt)
      : known && reasonHint(known, info.metadata);
  return new CliError(error.rawMessage, {
    ...common,
    exitCode: known === undefined ? exitCodes.failed : reasonExitCode(known),
    reason: info.reason,
    hint,
  });
}

interface Explanation {
  readonly message: string;
  readonly hint: string | undefined;
}

const wrongProtocolHint =
  "does the endpoint say http or https as the server does, and is it a Fleetgate?";

function explainTransport(error: ConnectError, attempt: Attempt): Explanation {
  const { endpoint } = attempt;
  const wrong = findWrongCertificate(error);
  if (wrong !== undefined) {
    return {
      message: `${wrong.message}; nothing was sent to it`,
      hint: "it has a new certificate, or something in between pretends to be it: ask who runs it for the fingerprint, by another way",
    };
  }
  const systemCode = findSystemCode(error);
  if (systemCode !== undefined) return explainSystemCode(systemCode, endpoint);
  switch (error.code) {
    case Code.DeadlineExceeded:
      return {
        message: `no answer from ${endpoint} within ${attempt.timeoutMs} ms`,
        hint: "give it more time with --timeout; a change that was sent may have been made",
      };
    case Code.Unauthenticated:
      return {
        message: `${endpoint} refused the credential: ${error.rawMessage}`,
        hint: credentialHint(attempt),
      };
    case Code.Canceled:
    case Code.Aborted:
      return {
        message: `the connection to ${endpoint} was closed before there was an answer`,
        hint: wrongProtocolHint,
      };
    case Code.Unimplemented:
      return {
        message: `${endpoint} does not know this method: ${error.rawMessage}`,
        hint: "is it a Fleetgate, and not older than this command?",
      };
    default:
      return {
        message: `${endpoint} answered ${codeName(error.code)}: ${error.rawMessage}`,
        hint: isTimeoutTooLong(error)
          ? "give a shorter --timeout; the option max_call_timeout of the server says how long it may be"
          : "the answer may not come from Fleetgate itself: is there a proxy in between, or another service at this address?",
      };
  }
}

// The words are those of the library that the server is made with.
function isTimeoutTooLong({ code, rawMessage }: ConnectError): boolean {
  return code === Code.InvalidArgument && /^timeout \d+ms must be <= \d+$/.test(rawMessage);
}

const systemCodeWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name could not be looked up",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "the connection timed out",
  ECONNRESET: "the connection was closed",
  EPIPE: "the connection was closed",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is its own, and no authority vouches for it",
  SELF_SIGNED_CERT_IN_CHAIN: "an authority that is not known vouches for its certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "an authority that is not known vouches for its certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "an authority that is not known vouches for its certificate",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate does not have this host name",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
  ERR_HTTP2_ERROR: "it does not speak HTTP/2",
};

const unknownAuthorityHint =
  "name the certificate authority of the server with --ca-file FILE, or pin its certificate with --tls-fingerprint";
const untrustedHints: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "pin it with --tls-fingerprint, as `fleetgate serve` prints it for a certificate of its own; or name it with --ca-file FILE",
  CERT_HAS_EXPIRED: "who runs the server must replace it",
  CERT_NOT_YET_VALID: "is the clock of this machine right?",
  ERR_TLS_CERT_ALTNAME_INVALID: "name the server in --endpoint as its certificate does",
};

const untrustedCode = /CERT|SIGNATURE|ALTNAME/;

/** Whether there is a server, but not one whose certificate is good here. */
export function isUntrusted(error: unknown): boolean {
  return (
    findWrongCertificate(error) !== undefined || untrustedCode.test(findSystemCode(error) ?? "")
  );
}

function explainSystemCode(code: string, endpoint: string): Explanation {
  const words = systemCodeWords[code] ?? code;
  const message = `cannot reach Fleetgate at ${endpoint}: ${words}`;
  if (untrustedCode.test(code)) {
    return { message, hint: untrustedHints[code] ?? unknownAuthorityHint };
  }
  if (/SSL|TLS|PROTO|HTTP2|ECONNRESET|EPIPE/.test(code)) {
    return { message, hint: wrongProtocolHint };
  }
  return {
    message,
    hint: "is it running there? Start one with `fleetgate serve`, or name another with --endpoint or $FLEETGATE_ENDPOINT",
  };
}

/** The code of node or of the operating system behind an error, e.g. ECONNREFUSED. */
function findSystemCode(error: unknown): string | undefined {
  const seen = new Set<unknown>();
  let current = error;
  while (current instanceof Error && !seen.has(current)) {
    seen.add(current);
    if ("code" in current && typeof current.code === "string") return current.code;
    current = current.cause;
  }
  return undefined;
}

function codeName(code: Code): string {
  return Code[code].replace(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
}
