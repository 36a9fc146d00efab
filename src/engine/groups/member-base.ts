import type { Identity } from "../../domain/identity.ts";
import type { IdentityIds } from "./identity-ids.ts";

/**
 * Who is listed where, at the time when it was made, in flat arrays. Versions of the graph that come later have what
 * changed since beside it. Immutable.
 */
export interface MemberBase {
  readonly identities: IdentityIds;
  /** The identities of the numbers below this one are in the base. */
  readonly count: number;
  /** How many of them no group lists. */
  readonly unlisted: number;
  /** By group: where its members begin; those of the last one end at the last number. */
  readonly membersAt: Uint32Array;
  /** Numbers of identities, ascending in each group. */
  readonly members: Uint32Array;
  /** By identity: where the groups that list it begin, as with members. */
  readonly listingsAt: Uint32Array;
  /** Ids of groups, ascending for each identity. */
  readonly listings: Uint32Array;
  /** The places in `members` at which the text as typed is not the folded one, ascending. */
  readonly oddAt: Uint32Array;
  /** The texts of these. */
  readonly oddTexts: readonly Identity[];
}

/** Where the members of a group begin and end in a base. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const noSpan: Span = { from: 0, to: 0 };

/** Where the members of a group are; nowhere when it came later. */
export function spanOf({ membersAt }: MemberBase, group: number): Span {
  const from = membersAt[group];
  const to = membersAt[group + 1];
  return from === undefined || to === undefined || from === to ? noSpan : { from, to };
}

/** The number of a folded identity; undefined: the base has none for it. */
export function findIdentity(base: MemberBase, folded: Identity): number | undefined {
  const id = base.identities.find(folded);
  return id !== undefined && id < base.count ? id : undefined;
}

/** The groups that list an identity, by its number. */
export function listingIn(base: MemberBase, id: number): Uint32Array {
  return base.listings.subarray(base.listingsAt[id], base.listingsAt[id + 1]);
}

/** The place of the first value in an ascending part of a list that is not below `value`; `to` when all are. */
export function lowerBound(list: Uint32Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text of the member at a place of the base, as typed. */
export function typedAt(base: MemberBase, place: number): Identity {
  const { oddAt, oddTexts, members, identities } = base;
  const odd = lowerBound(oddAt, place, 0, oddAt.length);
  const text = oddAt[odd] === place ? oddTexts[odd] : identities.texts[members[place] ?? 0];
  return text ?? nobody;
}

/** No identity at all: what stands for a member that there was in a base and is not any more. */
export const nobody = "" as Identity;
