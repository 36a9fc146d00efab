import type { Snapshot } from "../../engine/snapshot.ts";

/** How many listings of one snapshot are remembered, so that a page does not cost as much as the whole. */
export const maxListings = 8;

/** Remembers the newest listings of each snapshot, as long as the snapshot lives. */
export interface ListingMemo {
  /**
   * The listing that a query gives on a snapshot; `compute` is called when it is not remembered, and one
   * query always with a function that computes the same. What throws is not remembered.
   */
  readonly listingOf: <T>(
    snapshot: Snapshot,
    query: readonly unknown[],
    compute: () => readonly T[],
  ) => readonly T[];
}

/** Creates a memo that is empty. Of each snapshot the listing that was not read for longest goes first. */
export function createListingMemo(): ListingMemo {
  const bySnapshot = new WeakMap<Snapshot, Map<string, readonly unknown[]>>();
  return {
    listingOf: <T>(
      snapshot: Snapshot,
      query: readonly unknown[],
      compute: () => readonly T[],
    ): readonly T[] => {
      const key = JSON.stringify(query);
      const listings = bySnapshot.get(snapshot) ?? new Map<string, readonly unknown[]>();
      bySnapshot.set(snapshot, listings);
      // The query decides the type, so that what is found under it is of that type.
      const listing = (listings.get(key) as readonly T[] | undefined) ?? compute();
      // A map keeps the order in which keys were added: the first is the one that was not read for longest.
      listings.delete(key);
      listings.set(key, listing);
      for (const oldest of listings.keys()) {
        if (listings.size <= maxListings) break;
        listings.delete(oldest);
      }
      return listing;
    },
  };
}
