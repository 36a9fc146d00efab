import { requestedPageSize } from "../../commands/page-size.ts";
import { formatPageToken, parsePageToken, type PageScope } from "../../commands/page-token.ts";
import type { Settled } from "../acl/consistency.ts";
import type { ListingMemo } from "./listing-memo.ts";

/** What every request for a list says about its pages. */
export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

/** One page of a listing. */
export interface ListPage<T> {
  readonly entries: readonly T[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
  /** How many entries all pages have together. */
  readonly totalSize: number;
}

/**
 * The page of a listing that a request asks for. `query` is the method and every argument but those of
 * pages and freshness. The listing is of the revision that answers, and so are page tokens: a page of another
 * revision is refused. Fails with INVALID_FIELD and PAGE_TOKEN_INVALID, before anything is computed.
 */
export function listPage<T>(
  memo: ListingMemo,
  { peer, state }: Pick<Settled, "peer" | "state">,
  query: readonly unknown[],
  request: PageRequest,
  compute: () => readonly T[],
): ListPage<T> {
  const size = requestedPageSize(request.pageSize);
  const { tokenKey, revision, revisionToken } = state;
  // The revision token tells a history that was abandoned from the one of the same number that took its place.
  const scope: PageScope = {
    tokenKey,
    query: [...query, revisionToken],
    peer: peer.identity,
    revision,
  };
  const start = request.pageToken === "" ? 0 : Number(parsePageToken(scope, request.pageToken));
  const listing = memo.listingOf(state.snapshot, query, compute);
  const end = start + size;
  return {
    entries: listing.slice(start, end),
    nextPageToken: end < listing.length ? formatPageToken(scope, end.toString()) : "",
    totalSize: listing.length,
  };
}
