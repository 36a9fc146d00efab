import { createHmac } from "node:crypto";

/**
 * The etag of a group: a keyed hash of its name and of the revision that last changed it or one of its parts, so
 * that it tells nothing about how often anything changes. 22 characters of base64url.
 */
export function groupEtag(tokenKey: Uint8Array, name: string, revision: bigint): string {
  return createHmac("sha256", tokenKey)
    .update(JSON.stringify(["group etag", name, revision.toString()]))
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}
