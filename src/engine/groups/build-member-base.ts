import type { Identity } from "../../domain/identity.ts";
import type { Steps } from "../../domain/steps.ts";
import type { IdentityIds } from "./identity-ids.ts";
import type { ListedPairs, OddMember, Run } from "./listed-pairs.ts";
import { lowerBound, type MemberBase } from "./member-base.ts";

/** After how many pairs there is a step: some tenths of a millisecond. */
export const pairsOfStep = 1 << 14;

/**
 * Makes a base of memberships, in time linear in what there is: pairs are dealt out by identity, group by group, and
 * then by group, identity by identity, so that both ways come out sorted and doubles lie side by side.
 */
export function* buildMemberBase(
  pairs: ListedPairs,
  identities: IdentityIds,
  groupCount: number,
): Steps<MemberBase> {
  const count = identities.texts.length;
  const runs = pairs.runs();
  const dealt = yield* dealByIdentity(pairs.identities(), pairs.count(), runs, count);
  const listingsAt = new Uint32Array(count + 1);
  const { listings, unlisted } = yield* withoutDoubles(dealt, listingsAt);
  const membersAt = new Uint32Array(groupCount + 1);
  const members = yield* dealByGroup(listings, listingsAt, membersAt);
  const { oddAt, oddTexts } = yield* placeOdd(pairs.odd(), membersAt, members);
  return {
    identities,
    count,
    unlisted,
    membersAt,
    members,
    listingsAt,
    listings,
    oddAt,
    oddTexts,
  };
}

/** Lists with doubles: `ends` says where that of each identity ends, which is where the next one begins. */
interface Dealt {
  readonly ends: Uint32Array;
  readonly groups: Uint32Array;
}

function* dealByIdentity(
  identities: Uint32Array,
  pairCount: number,
  runs: readonly Run[],
  count: number,
): Steps<Dealt> {
  const ends = new Uint32Array(count);
  for (let at = 0; at < pairCount; at += 1) {
    const id = identities[at] ?? 0;
    ends[id] = (ends[id] ?? 0) + 1;
    if (at % pairsOfStep === 0) yield;
  }
  toStarts(ends);
  yield;
  const groups = new Uint32Array(pairCount);
  let done = 0;
  for (const { group, from, to } of runs) {
    for (let at = from; at < to; at += 1) {
      const id = identities[at] ?? 0;
      const place = ends[id] ?? 0;
      groups[place] = group;
      ends[id] = place + 1;
      done += 1;
      if (done % pairsOfStep === 0) yield;
    }
  }
  return { ends, groups };
}

/** Turns counts into where each begins. */
function toStarts(counts: Uint32Array): void {
  let start = 0;
  for (let at = 0; at < counts.length; at += 1) {
    const count = counts[at] ?? 0;
    counts[at] = start;
    start += count;
  }
}

function* withoutDoubles(
  { ends, groups }: Dealt,
  listingsAt: Uint32Array,
): Steps<{ readonly listings: Uint32Array; readonly unlisted: number }> {
  let unlisted = 0;
  let kept = 0;
  let at = 0;
  for (let id = 0; id < ends.length; id += 1) {
    listingsAt[id] = kept;
    const end = ends[id] ?? 0;
    let last = -1;
    for (; at < end; at += 1) {
      const group = groups[at] ?? 0;
      if (group === last) continue;
      // Never before a place that was not read yet.
      groups[kept] = group;
      kept += 1;
      last = group;
    }
    if (kept === listingsAt[id]) unlisted += 1;
    if (id % pairsOfStep === 0) yield;
  }
  listingsAt[ends.length] = kept;
  return { listings: kept === groups.length ? groups : groups.slice(0, kept), unlisted };
}

function* dealByGroup(
  listings: Uint32Array,
  listingsAt: Uint32Array,
  membersAt: Uint32Array,
): Steps<Uint32Array> {
  for (let at = 0; at < listings.length; at += 1) {
    const group = listings[at] ?? 0;
    membersAt[group] = (membersAt[group] ?? 0) + 1;
    if (at % pairsOfStep === 0) yield;
  }
  toStarts(membersAt);
  const next = membersAt.slice();
  const members = new Uint32Array(listings.length);
  const count = listingsAt.length - 1;
  for (let id = 0; id < count; id += 1) {
    const end = listingsAt[id + 1] ?? 0;
    for (let at = listingsAt[id] ?? 0; at < end; at += 1) {
      const group = listings[at] ?? 0;
      const place = next[group] ?? 0;
      members[place] = id;
      next[group] = place + 1;
    }
    if (id % (pairsOfStep >> 2) === 0) yield;
  }
  return members;
}

function* placeOdd(
  odd: readonly OddMember[],
  membersAt: Uint32Array,
  members: Uint32Array,
): Steps<{ readonly oddAt: Uint32Array; readonly oddTexts: readonly Identity[] }> {
  // By place, one more than the index of its text.
  const chosen = new Uint32Array(odd.length === 0 ? 0 : members.length);
  let count = 0;
  for (const [index, { group, identity, typed }] of odd.entries()) {
    if (index % (pairsOfStep >> 3) === 0) yield;
    const place = lowerBound(members, identity, membersAt[group] ?? 0, membersAt[group + 1] ?? 0);
    const known = chosen[place] ?? 0;
    if (known === 0) count += 1;
    // Identities are ASCII: this is the bytewise order. Capitals come first, so the folded text itself never stays.
    else if (typed >= (odd[known - 1]?.typed ?? "")) continue;
    chosen[place] = index + 1;
  }
  const oddAt = new Uint32Array(count);
  const oddTexts: Identity[] = [];
  for (let place = 0; place < chosen.length; place += 1) {
    if (place % pairsOfStep === 0) yield;
    const text = odd[(chosen[place] ?? 0) - 1]?.typed;
    if (text === undefined) continue;
    oddAt[oddTexts.length] = place;
    oddTexts.push(text);
  }
  return { oddAt, oddTexts };
}
