import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/**
 * The etag of a group: a keyed hash of its name and of the revision that last changed it or one of its parts, so
 * that it tells nothing about how often anything changes. 22 characters of base64url.
 */
export function groupEtag(tokenKey: Uint8Array, name: string, revision: bigint): string {
  return createHmac("sha256", keyOf(tokenKey))
    .update(JSON.stringify(["group etag", name, revision.toString()]))
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

// Making the key costs more than the hash, and a page of a list has a thousand etags.
const keys = new WeakMap<Uint8Array, KeyObject>();

function keyOf(tokenKey: Uint8Array): KeyObject {
  let key = keys.get(tokenKey);
  if (key === undefined) {
    key = createSecretKey(tokenKey);
    keys.set(tokenKey, key);
  }
  return key;
}
