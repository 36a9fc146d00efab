import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
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

const cipher = "aes-256-gcm";
const head = "1.";
const nonceSize = 12;
const tagSize = 16;

const form = /^1\.([A-Za-z0-9_-]{44,150})$/;
const position = /^([0-9]{1,44})\.([0-9]{1,20})\.([0-9]{1,16})$/;

/**
 * A cursor as text, which is good on every replica. It is encrypted, so that it tells whoever gets it nothing of the database: neither since
 * when its server runs nor how much is written to it. `key` is that of the database.
 */
export function formatCursor(
  key: Uint8Array,
  { server, xmin, completeAt }: RevocationCursor,
): string {
  const nonce = randomBytes(nonceSize);
  const encrypt = createCipheriv(cipher, keyFrom(key), nonce, { authTagLength: tagSize });
  const text = `${server}.${xmin.toString()}.${Math.floor(completeAt).toString()}`;
  const hidden = Buffer.concat([encrypt.update(text, "latin1"), encrypt.final()]);
  return head + Buffer.concat([nonce, hidden, encrypt.getAuthTag()]).toString("base64url");
}

/** The cursor that formatCursor made with this key of this text; undefined: it made no such one. */
export function parseCursor(key: Uint8Array, text: string): RevocationCursor | undefined {
  const encoded = form.exec(text)?.[1] ?? "";
  const bytes = Buffer.from(encoded, "base64url");
  // The last character has bits that count for nothing.
  if (bytes.length <= nonceSize + tagSize || bytes.toString("base64url") !== encoded) {
    return undefined;
  }
  const opened = open(key, bytes);
  const [, server, xmin, completeAt] = position.exec(opened ?? "") ?? [];
  if (server === undefined || xmin === undefined || completeAt === undefined) return undefined;
  return { server, xmin: BigInt(xmin), completeAt: Number(completeAt) };
}

/** What was encrypted; undefined: not with this key, or it was changed. */
function open(key: Uint8Array, bytes: Buffer): string | undefined {
  const nonce = bytes.subarray(0, nonceSize);
  const decrypt = createDecipheriv(cipher, keyFrom(key), nonce, { authTagLength: tagSize });
  decrypt.setAuthTag(bytes.subarray(-tagSize));
  const text = decrypt.update(bytes.subarray(nonceSize, -tagSize), undefined, "latin1");
  try {
    return text + decrypt.final("latin1");
  } catch {
    return undefined;
  }
}

// Not the key of the database itself, which signs other things.
function keyFrom(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, "", "fleetgate revocation cursor", 32));
}
