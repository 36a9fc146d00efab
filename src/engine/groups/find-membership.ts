import type { Identity } from "../../domain/identity.ts";
import { matchHolders } from "../glob-index.ts";
import type { GroupParts } from "../group-parts.ts";
import type { IdList } from "../id-list.ts";
import { noSortedIds, type SortedIds } from "../sorted-ids.ts";
import type { IdSet } from "./id-set.ts";
import { createIdUnion } from "./id-union.ts";
import type { Membership } from "./membership.ts";

/** A membership that was found, on its way into a memo. */
export interface FoundMembership extends Membership {
  /** How many ids it holds that no other one does. */
  readonly weight: number;
  /** For the memo, which notes here up to which change it holds. */
  at: number;
}

/**
 * Finds every group that an identity, in the text as it is asked for, is in: those that list it, those of which a glob
 * matches it, and all that these are nested in.
 */
export type FindMembership = (
  parts: GroupParts,
  identity: Identity,
  folded: Identity,
  listed: IdList | SortedIds,
) => FoundMembership;

/** Where memberships have their ids. */
interface Page {
  readonly ids: SortedIds;
  used: number;
}

// A page stays as long as a membership on it does; an array of its own for each would cost some 200 bytes more.
const pageLength = 1 << 12;

/** Creates the function for a lineage of graphs: it works in memory of its own, which grows with the ids. */
export function createFindMembership(): FindMembership {
  const union = createIdUnion();
  let page: Page = { ids: new Uint32Array(0), used: 0 };

  function roomFor(count: number): Page {
    if (count > pageLength >>> 3) return { ids: new Uint32Array(count), used: 0 };
    if (page.used + count > page.ids.length) page = { ids: new Uint32Array(pageLength), used: 0 };
    return page;
  }

  return ({ globs, closures, matched }, identity, folded, listed) => {
    const matching = matchHolders(globs, identity);
    const set = matching.length === 0 ? undefined : matched.of(matching);
    const groups = set?.groups;
    const shared = set === undefined || set.isShared ? 0 : set.groups.length;
    const count = listed.length;
    if (count === 0) {
      return foundMembership(folded, { ids: noSortedIds, from: 0, to: 0 }, groups, shared);
    }
    if (count === 1) {
      const group = listed[0] ?? 0;
      const above = closures.of(group);
      const weight = shared + (closures.keeps(group) ? 0 : above.length);
      return foundMembership(folded, { ids: above, from: 0, to: above.length }, groups, weight);
    }
    for (let index = 0; index < count; index += 1) closures.addTo(union, listed[index] ?? 0);
    const size = union.size();
    const room = roomFor(size);
    const from = room.used;
    const to = from + size;
    union.take(room.ids, from);
    room.used = to;
    return foundMembership(folded, { ids: room.ids, from, to }, groups, shared + size);
  };
}

function foundMembership(
  folded: Identity,
  { ids, from, to }: Pick<Membership, "ids" | "from" | "to">,
  matched: IdSet | undefined,
  weight: number,
): FoundMembership {
  return { folded, ids, from, to, matched, direct: 0, directIn: 0, weight, at: 0 };
}
