import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import type { GroupEntry } from "../group-entry.ts";
import type { GroupParts } from "../group-parts.ts";
import type { IdList } from "../id-list.ts";
import { createVersionedMap } from "../versioned-map.ts";
import type { Identity } from "../../domain/identity.ts";
import { buildMemberBase } from "./build-member-base.ts";
import { copyMembers, countOwn, membersInBase, rebaseMembers } from "./group-members.ts";
import { createIdentityIds } from "./identity-ids.ts";
import { createListedPairs } from "./listed-pairs.ts";
import type { MemberBase } from "./member-base.ts";
import { noNumber } from "./membership-memo.ts";

/** A new base, made of all memberships of a version, for that and later versions of its line. */
export interface CompactedParts {
  /** What it was made of. */
  readonly from: GroupParts;
  readonly base: MemberBase;
  /** The groups of that version on the new base. */
  readonly entries: ReadonlyMap<string, GroupEntry>;
  /** The new number of each identity of the old base, or `noNumber`; undefined: they stay. */
  readonly numbers: Uint32Array | undefined;
}

/**
 * Makes a new base of all memberships of a version. Costs what all memberships do, in steps; meanwhile its line may
 * advance. Identities keep their numbers, unless by the old base a quarter of these are of nobody that is listed.
 */
export function* compactParts(from: GroupParts): Steps<CompactedParts> {
  const { base: old, ids } = from;
  const renews = old.unlisted > old.count / 4;
  const identities = renews ? createIdentityIds() : old.identities;
  const numbers = renews ? new Uint32Array(old.count).fill(noNumber) : undefined;
  const { texts } = old.identities;

  function renumber(id: number): number {
    const known = numbers?.[id] ?? noNumber;
    const text = texts[id];
    if (known !== noNumber || numbers === undefined || text === undefined) return known;
    const to = identities.intern(text);
    numbers[id] = to;
    return to;
  }

  const pairs = createListedPairs();
  let count = 0;
  for (const { members } of from.entries.values()) {
    yield* copyMembers(members, pairs, identities, renews ? renumber : undefined);
    count += 1;
    if (count % 64 === 0) yield;
  }
  const base = yield* buildMemberBase(pairs, identities, ids.count());
  const entries = new Map<string, GroupEntry>();
  yield* forEachInSteps(from.entries.values(), (entry) => {
    entries.set(entry.name, { ...entry, members: membersInBase(base, entry.id) });
  });
  return { from, base, entries, numbers };
}

/**
 * The parts of a version on a base that was made of this or of an earlier version of its line. Costs what changed since.
 * Undefined when it was made of another line, or this is not the newest version.
 */
export function rebaseParts(parts: GroupParts, compacted: CompactedParts): GroupParts | undefined {
  const { from, base, entries } = compacted;
  const names = parts.entries.keysSince(from.entries);
  const identities = parts.listings.keysSince(from.listings);
  if (names === undefined || identities === undefined) return undefined;

  const changedEntries = new Map<string, GroupEntry | undefined>();
  let changed = 0;
  for (const name of names) {
    const entry = parts.entries.get(name);
    const members = entry && rebaseMembers(entry.members, from.entries.get(name)?.members, base);
    changedEntries.set(name, entry && members && { ...entry, members });
    if (members !== undefined) changed += countOwn(members);
  }
  const listings = new Map<Identity, IdList>();
  for (const identity of identities) {
    const groups = parts.listings.get(identity);
    if (groups !== undefined) listings.set(identity, groups);
  }
  return {
    ...parts,
    base,
    entries: createVersionedMap(new Map(entries)).advance(changedEntries),
    listings: createVersionedMap(listings),
    changed,
  };
}
