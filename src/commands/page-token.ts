import { createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { DomainError } from "../domain/errors.ts";

/** What a page token is bound to: used with anything else, it is refused. */
export interface PageScope {
  /** The 32-byte key of the database. */
  readonly tokenKey: Uint8Array;
  /** The method and every argument but page size and token. */
  readonly query: readonly unknown[];
  /** Who asks. */
  readonly peer: string;
  /** The revision that is listed. */
  readonly revision: bigint;
}

const macSize = 16;

/** The token of the page that begins after the entry `after`. */
export function formatPageToken(scope: PageScope, after: string): string {
  return Buffer.concat([mac(scope, after), Buffer.from(after, "utf8")]).toString("base64url");
}

/** The entry after which the page begins. Fails with PAGE_TOKEN_INVALID. */
export function parsePageToken(scope: PageScope, token: string): string {
  const bytes = Buffer.from(token, "base64url");
  const after = bytes.toString("utf8", macSize);
  const genuine =
    bytes.length > macSize &&
    bytes.toString("base64url") === token &&
    timingSafeEqual(bytes.subarray(0, macSize), mac(scope, after));
  if (!genuine) throw pageTokenInvalid();
  return after;
}

/** PAGE_TOKEN_INVALID: also for a token whose place is there no more. */
export function pageTokenInvalid(): DomainError {
  return new DomainError(
    "PAGE_TOKEN_INVALID",
    "page_token: damaged, of another query, or of an earlier revision; start from the first page",
  );
}

function mac(scope: PageScope, after: string): Buffer {
  const { query, peer, revision } = scope;
  return createHmac("sha256", scope.tokenKey)
    .update(JSON.stringify(["page", query, peer, revision.toString(), after]))
    .digest()
    .subarray(0, macSize);
}
