import { foldIdentity, type Identity } from "../domain/identity.ts";
import type { GlobIndex } from "./glob-index.ts";
import type { GroupEntry } from "./group-entry.ts";
import type { GroupIds } from "./group-ids.ts";
import type { Closures } from "./groups/closures.ts";
import type { MatchedSets } from "./groups/matched-sets.ts";
import { findIdentity, listingIn, type MemberBase } from "./groups/member-base.ts";
import { noSortedIds, type SortedIds } from "./sorted-ids.ts";
import type { IdList } from "./id-list.ts";
import type { PagedLists } from "./paged-lists.ts";
import type { VersionedMap } from "./versioned-map.ts";

/** What a version of the graph of groups is made of. */
export interface GroupParts {
  /** Of all versions of the line; a branch adds its own. */
  readonly ids: GroupIds;
  /** The memberships of an earlier version; what changed since is in `entries` and `listings`. */
  readonly base: MemberBase;
  /** By name. */
  readonly entries: VersionedMap<string, GroupEntry>;
  /** By folded identity: the groups that list it, where they are others than in the base. */
  readonly listings: VersionedMap<Identity, IdList>;
  readonly globs: GlobIndex;
  /** By id, of groups that do not exist too: the groups that nest it. */
  readonly parents: PagedLists;
  /** What is above groups by these parents. */
  readonly closures: Closures;
  /** The groups by globs, by these globs and parents. */
  readonly matched: MatchedSets;
  /** How many memberships changed since the base was made. */
  readonly changed: number;
}

/** The groups that list an identity, which is folded; `id` is its number in the base. */
export function listingOf(
  { base, listings }: GroupParts,
  folded: Identity,
  id: number | undefined,
): IdList | SortedIds {
  const changed = listings.size === 0 ? undefined : listings.get(folded);
  if (changed !== undefined) return changed;
  return id === undefined ? noSortedIds : listingIn(base, id);
}

/** The groups that list an identity, as a list. */
export function listListing(parts: GroupParts, identity: Identity): IdList {
  const folded = foldIdentity(identity);
  return Array.from(listingOf(parts, folded, findIdentity(parts.base, folded)));
}

/** Every identity that a group lists, folded, each once. */
export function* listedIdentities({ base, listings }: GroupParts): Generator<Identity> {
  const changed = new Set<number>();
  for (const [folded, groups] of listings.entries()) {
    const id = findIdentity(base, folded);
    if (id !== undefined) changed.add(id);
    if (groups.length > 0) yield folded;
  }
  const { texts } = base.identities;
  for (let id = 0; id < base.count; id += 1) {
    const folded = texts[id];
    const isListed = base.listingsAt[id] !== base.listingsAt[id + 1];
    if (isListed && folded !== undefined && !changed.has(id)) yield folded;
  }
}
