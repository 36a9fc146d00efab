import { createHmac } from "node:crypto";

/**
 * The etag of a source: a keyed hash of the revision that last changed it, so that it tells nothing about
 * how often anything changes. 22 characters of base64url.
 */
export function sourceEtag(tokenKey: Uint8Array, source: string, revision: bigint): string {
  return createHmac("sha256", tokenKey)
    .update(JSON.stringify(["etag", source, revision.toString()]))
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}
