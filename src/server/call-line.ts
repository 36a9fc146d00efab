import type { CallRecord } from "../rpc/call.ts";
import { mayHoldSecret } from "./log-redaction.ts";

// Longer texts are cut (see visible), the message of an error later than others.
const maxLength = 512;
const maxErrorLength = 2000;

// Printable ASCII, with and without what JSON escapes.
const printable = /^[ -~]*$/;
const plain = /^[ !#-[\]-~]*$/;

/**
 * The line of a call as the log would write it, to the byte, or undefined when only the log can tell: when there is a
 * cause, or a text in it is too long, has other characters than most, or may hold a secret. With every call logged a
 * line is a good part of what a call costs, and the log looks at each field and at the whole line several times over.
 */
export function plainCallLine(
  level: string,
  record: CallRecord,
  message: string,
): string | undefined {
  const { method, protocol, code, reason, requestId, peer, credential, caller, permission } =
    record;
  const error = record.message;
  const ms = Math.round(record.ms * 1000) / 1000;
  if (record.cause !== undefined || !Number.isFinite(ms)) return undefined;
  const isShort =
    method.length <= maxLength &&
    requestId.length <= maxLength &&
    reason.length <= maxLength &&
    peer.length <= maxLength &&
    credential.length <= maxLength &&
    caller.length <= maxLength &&
    permission.length <= maxLength &&
    error.length <= maxErrorLength;
  if (!isShort) return undefined;
  // What is told of the texts as one is told of each.
  const texts = `${method}${code}${reason}${requestId}${peer}${credential}${caller}${permission}`;
  if (!plain.test(texts) || mayHoldSecret(texts)) return undefined;
  let line = `{"level":"${level}","time":"${isoNow()}","rpc":"${method}","protocol":"${protocol}","code":"${code}"`;
  if (reason !== "") line += `,"reason":"${reason}"`;
  line += `,"ms":${ms},"request_id":"${requestId}"`;
  if (peer !== "") line += `,"peer":"${peer}"`;
  if (credential !== "") line += `,"credential":"${credential}"`;
  if (caller !== "") line += `,"caller":"${caller}"`;
  if (permission !== "") line += `,"permission":"${permission}"`;
  if (error !== "") {
    if (!printable.test(error) || mayHoldSecret(error)) return undefined;
    line += `,"error":${JSON.stringify(error)}`;
  }
  return `${line},"msg":"${message}"}\n`;
}

let textAt = NaN;
let text = "";

// Many calls end in one millisecond.
function isoNow(): string {
  const now = Date.now();
  if (now !== textAt) {
    textAt = now;
    text = new Date(now).toISOString();
  }
  return text;
}
