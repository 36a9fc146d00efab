import { Buffer } from "node:buffer";

/** What a revision token says: which database, which revision, and the start of the change chain's hash there. */
export interface RevisionToken {
  /** The uuid of the database, lower case with hyphens. */
  readonly databaseId: string;
  /** The revision, from 0. */
  readonly revision: bigint;
  /** The first 8 bytes of the hash of the change that made the revision; zeros at revision 0. */
  readonly chainHash: Uint8Array;
}

const version = 1;
const size = 1 + 16 + 8 + 8;
const maxRevision = 2n ** 63n - 1n;

/** The text of a revision token: base64url of version, uuid, revision (big endian) and hash, 44 characters. */
export function formatRevisionToken(token: RevisionToken): string {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt8(version, 0);
  bytes.write(token.databaseId.replaceAll("-", ""), 1, "hex");
  bytes.writeBigUInt64BE(token.revision, 17);
  bytes.set(token.chainHash.subarray(0, 8), 25);
  return bytes.toString("base64url");
}

/** Returns what the text says, or undefined when it is not a revision token of this version. */
export function parseRevisionToken(text: string): RevisionToken | undefined {
  if (!/^[A-Za-z0-9_-]{44}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length !== size || bytes.readUInt8(0) !== version) return undefined;
  const revision = bytes.readBigUInt64BE(17);
  if (revision > maxRevision) return undefined;
  const hex = bytes.toString("hex", 1, 17);
  const databaseId = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
  return { databaseId, revision, chainHash: new Uint8Array(bytes.subarray(25)) };
}
