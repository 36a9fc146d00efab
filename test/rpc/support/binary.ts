import { Buffer } from "node:buffer";
import { exchangeHttp1 } from "./exchange.ts";
import type { Servers } from "./servers.ts";

/** What a raw call in Connect's binary format came to. */
export interface BinaryReply {
  /** Connect's code; "ok" for HTTP status 200. */
  readonly code: string;
  /** The body as text; details of errors are decoded in it. */
  readonly body: string;
}

/** Makes a unary call of Connect with the bytes as they are. */
export async function askBinary(
  servers: Servers,
  path: string,
  message: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<BinaryReply> {
  const reply = await exchangeHttp1(servers.http1, {
    path,
    headers: { "content-type": "application/proto", ...headers },
    body: message,
  });
  const body = reply.body.toString();
  if (reply.status === 200) return { code: "ok", body };
  return { code: (JSON.parse(body) as { code: string }).code, body };
}

/** A message with a field 999 that nobody knows, a number. */
export function withUnknownField(message: Uint8Array): Uint8Array {
  return Buffer.concat([message, Buffer.from([0xb8, 0x3e, 0x01])]);
}
