import { describeError } from "./log-error.ts";

// What stands in a log in place of a secret.
const redacted = "[redacted]";

const secretKey = /authorization|secret|token|password|cookie/i;

// Deep enough for what we log; what lies deeper is left out rather than searched.
const maxDepth = 6;

/** A copy of the fields of a log line in which no value stands under a key that names a secret. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return redactRecord(fields, 0);
}

function redactRecord(fields: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    copy[key] = secretKey.test(key) ? redacted : redactValue(value, depth + 1);
  }
  return copy;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return value;
  if (depth > maxDepth) return "[too deep]";
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  return redactRecord(value, depth);
}

// Repetitions are bounded where a peer could make them slow.
const bearerToken = /fg\d_[a-z]{2}_([A-Za-z0-9_-]{16})_[A-Za-z0-9_-]+/g;
const jwt = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{2,}\.[\w-]{2,}/g;
const authorizationValue = /\b(bearer|basic)\s+[^\s"\\,;]{8,}/gi;
const urlPassword = /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"\\]*):[^\s"\\/]+@/gi;
const keywordPassword = /\b(password|passwd|pwd|secret)(\s*[=:]\s*)(?!\[redacted\])[^\s"\\,;&}]+/gi;

// The fields that a child logger was made with never pass redactFields.
const secretField =
  /"([\w.-]{0,64}(?:authorization|secret|token|password|cookie)[\w.-]{0,64})":"(?:[^"\\]|\\.)*"/gi;

// What one of the patterns above begins with or holds: hardly any line has any of it, and this one look tells.
const traces =
  /authorization|secret|token|password|passwd|pwd|cookie|bearer|basic|fg\d_|eyJ|:\/\//i;

/** Whether redactLine may change a text, or a line of JSON with the text in it. False: it changes nothing of it. */
export function mayHoldSecret(text: string): boolean {
  return traces.test(text);
}

/**
 * A line of JSON without the texts under keys that name a secret, and without the secrets that have a form
 * of their own, wherever they stand.
 */
export function redactLine(line: string): string {
  if (!mayHoldSecret(line)) return line;
  return redactText(line.replace(secretField, `"$1":"${redacted}"`));
}

// The same text without the secrets that have a form of their own: our bearer tokens (their id stays),
// JWTs, the values of authorization headers, passwords in URLs and in `password=...`.
function redactText(text: string): string {
  return text
    .replace(bearerToken, `fg1_$1_${redacted}`)
    .replace(jwt, redacted)
    .replace(authorizationValue, `$1 ${redacted}`)
    .replace(urlPassword, `$1:${redacted}@`)
    .replace(keywordPassword, `$1$2${redacted}`);
}
