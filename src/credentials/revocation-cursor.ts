import { createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";

/** Where somebody is who follows the changes. */
export interface RevocationCursor {
  /** Which run of which server told it, in digits: of another, nobody knows whether it goes on where that was. */
  readonly server: string;
  /** Everything of the transactions below it was told. */
  readonly xmin: bigint;
  /** Everything that was committed before it was told: milliseconds since 1970, of the database's clock. */
  readonly completeAt: number;
}

const form = /^1\.([0-9]{1,44})\.([0-9]{1,20})\.([0-9]{1,16})\.([A-Za-z0-9_-]{22})$/;
const macSize = 16;

/** A cursor as text, which says nothing to whoever gets it and is good on every replica. `key` is that of the database. */
export function formatCursor(
  key: Uint8Array,
  { server, xmin, completeAt }: RevocationCursor,
): string {
  const position = `1.${server}.${xmin.toString()}.${Math.floor(completeAt).toString()}`;
  return `${position}.${macOf(key, position).toString("base64url")}`;
}

/** The cursor that formatCursor made with this key of this text; undefined: it made no such one. */
export function parseCursor(key: Uint8Array, text: string): RevocationCursor | undefined {
  const [, server = "", xmin = "", completeAt = "", mac = ""] = form.exec(text) ?? [];
  const bytes = Buffer.from(mac, "base64url");
  if (bytes.length !== macSize || bytes.toString("base64url") !== mac) return undefined;
  if (!timingSafeEqual(bytes, macOf(key, `1.${server}.${xmin}.${completeAt}`))) return undefined;
  return { server, xmin: BigInt(xmin), completeAt: Number(completeAt) };
}

function macOf(key: Uint8Array, position: string): Buffer {
  return createHmac("sha256", key)
    .update(`revocation cursor ${position}`)
    .digest()
    .subarray(0, macSize);
}
