import type { JsonValue } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { metadataOf, type AnswerHeaders } from "./web-headers.ts";

/**
 * The error in an answer, when it is written as connect and Fleetgate write them; undefined for any other,
 * which connect's own function reads at several times the cost.
 */
export function readPlainError(headers: AnswerHeaders, body: Uint8Array): ConnectError | undefined {
  const json = parse(body);
  if (!isObject(json)) return undefined;
  const { message = "", details = [] } = json;
  const code: unknown = typeof json["code"] === "string" ? codeFromString(json["code"]) : undefined;
  if (typeof code !== "number" || typeof message !== "string" || !Array.isArray(details)) {
    return undefined;
  }
  const read: ConnectError["details"] = [];
  for (const detail of details as readonly unknown[]) {
    const one = isObject(detail) ? readDetail(detail) : undefined;
    if (one === undefined) return undefined;
    read.push(one);
  }
  const error = new ConnectError(message, code, metadataOf(headers));
  error.isWireError = true;
  error.details = read;
  return error;
}

function readDetail(
  detail: Readonly<Record<string, unknown>>,
): ConnectError["details"][number] | undefined {
  const { type, value, debug } = detail;
  if (typeof type !== "string" || typeof value !== "string") return undefined;
  try {
    return { type, value: base64Decode(value), debug: debug as JsonValue };
  } catch {
    return undefined;
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
