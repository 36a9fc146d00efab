import type { Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { Reason } from "../../domain/errors.ts";
import { lengthDelimited, toBase64, utf8Binary, varintField } from "./binary-text.ts";

/** The domain of every ErrorInfo of ours. */
export const errorDomain = "fleetgate";

/**
 * What the wire says of a call that failed, or of a check of a batch, ready to be sent: a plain value, made without an
 * error and its stack. Equal to the byte to what Connect makes of the same failure (toConnectError).
 */
export interface WireStatus {
  readonly code: Code;
  /** Well-formed Unicode, bounded. */
  readonly message: string;
  /** The reason in the ErrorInfo among the details. */
  readonly reason: Reason;
  readonly details: readonly WireDetail[];
  /** What the header `retry-after` says, too, in milliseconds; undefined: no such header. */
  readonly retryAfterMs: number | undefined;
  /** For the log only: why, or what was said instead of the constant text of the reason. */
  readonly cause: unknown;
}

/** One detail of a status. */
export interface WireDetail {
  /** The full name of the message: `google.rpc.ErrorInfo`. */
  readonly type: string;
  /** The message in binary, each byte a character (Latin-1). */
  readonly value: string;
  /** The message in proto JSON. */
  readonly debug: object;
}

/** The header or trailer `grpc-message`. */
export function grpcMessage({ message }: WireStatus): string {
  return encodeURIComponent(message);
}

/** The header or trailer `grpc-status-details-bin`: a google.rpc.Status in base64 without padding. */
export function grpcStatusDetailsBin(status: WireStatus): string {
  return toBase64(statusBinary(status));
}

/** A google.rpc.Status in binary, each byte a character (Latin-1). */
export function statusBinary({ code, message, details }: WireStatus): string {
  let status = varintField(1, code);
  if (message !== "") status += lengthDelimited(2, utf8Binary(message));
  for (const { type, value } of details) {
    let any = lengthDelimited(1, typeUrl(type));
    if (value !== "") any += lengthDelimited(2, value);
    status += lengthDelimited(3, any);
  }
  return status;
}

/** The URL by which an Any names the type of what it holds. */
export function typeUrl(type: string): string {
  return `type.googleapis.com/${type}`;
}

/** The body of a unary answer of Connect that is an error, JSON as text. */
export function connectErrorBody({ code, message, details }: WireStatus): string {
  return JSON.stringify({
    code: codeToString(code),
    ...(message === "" ? {} : { message }),
    details: details.map(({ type, value, debug }) => ({ type, debug, value: toBase64(value) })),
  });
}

/** The google.rpc.ErrorInfo of ours with a reason and metadata, whose texts are well-formed Unicode. */
export function errorInfo(
  reason: Reason,
  metadata: Readonly<Record<string, string>> | undefined,
): WireDetail {
  const type = "google.rpc.ErrorInfo";
  let value = infoHeads[reason];
  if (value === undefined) {
    value = lengthDelimited(1, reason) + lengthDelimited(2, errorDomain);
    infoHeads[reason] = value;
  }
  const keys = metadata === undefined ? [] : Object.keys(metadata);
  if (metadata === undefined || keys.length === 0) {
    return { type, value, debug: { reason, domain: errorDomain } };
  }
  for (const key of keys) {
    value += entryBinary(key, metadata[key] ?? "");
  }
  return { type, value, debug: { reason, domain: errorDomain, metadata } };
}

interface Entry {
  text: string;
  binary: string;
}

const maxKeys = 64;
const lastEntries = new Map<string, Entry>();

// A batch of denials repeats who asked and for what: the last entry of each key is kept.
function entryBinary(key: string, text: string): string {
  const last = lastEntries.get(key);
  if (last?.text === text) return last.binary;
  const pair = lengthDelimited(1, utf8Binary(key)) + lengthDelimited(2, utf8Binary(text));
  const binary = lengthDelimited(3, pair);
  if (last !== undefined) {
    last.text = text;
    last.binary = binary;
  } else if (lastEntries.size < maxKeys) {
    lastEntries.set(key, { text, binary });
  }
  return binary;
}

const infoHeads: Partial<Record<Reason, string>> = {};

/** The header by which HTTP says when a retry may help. */
export const retryAfterHeader = "retry-after";

/** Its value: whole seconds, never too early. */
export function retryAfterSeconds(ms: number): string {
  return String(Math.ceil(ms / 1000));
}

/** The google.rpc.RetryInfo of ours with a delay of whole milliseconds. */
export function retryInfo(ms: number): WireDetail {
  return ms === 1000 ? retryInSecond : createRetryInfo(ms);
}

function createRetryInfo(ms: number): WireDetail {
  const seconds = Math.floor(ms / 1000);
  const rest = ms % 1000;
  let delay = seconds === 0 ? "" : varintField(1, seconds);
  if (rest !== 0) delay += varintField(2, rest * 1_000_000);
  const fraction = rest === 0 ? "" : `.${String(rest).padStart(3, "0")}`;
  return {
    type: "google.rpc.RetryInfo",
    value: lengthDelimited(1, delay),
    debug: { retryDelay: `${seconds}${fraction}s` },
  };
}

const retryInSecond = createRetryInfo(1000);

/** The bytes of a detail. */
export function detailBytes({ value }: WireDetail): Uint8Array<ArrayBuffer> {
  // For some hundred bytes this is half of what a Buffer costs.
  const bytes = new Uint8Array(value.length);
  for (let index = 0; index < value.length; index += 1) bytes[index] = value.charCodeAt(index);
  return bytes;
}
