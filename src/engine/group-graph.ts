import type { EntityChange } from "../domain/entity.ts";
import { foldIdentity, type Identity } from "../domain/identity.ts";
import { createBoundedMemo } from "./bounded-memo.ts";
import { changeGroups } from "./change-groups.ts";
import { groupsWithGlob, matchGlobs } from "./glob-index.ts";
import type { GroupChange, GroupEntry } from "./group-entry.ts";
import type { GroupParts } from "./group-parts.ts";
import { noIds, type IdList } from "./id-list.ts";
import { listAt } from "./paged-lists.ts";
import type { SortedIds } from "./sorted-ids.ts";
import type { Warn } from "./warnings.ts";

export type { GroupChange, GroupEntry, GroupHead } from "./group-entry.ts";

/** What the groups say about one identity. */
export interface Membership {
  /** The identity as members and direct principals are compared. */
  readonly folded: Identity;
  /** Every group that it is in, through nesting too. */
  readonly groups: SortedIds;
}

/**
 * All groups at one revision, as integer ids. A version never changes; those that are made of one another are a
 * lineage, in which a name has one id for ever, whether or not there is such a group. The order of ids
 * means nothing. Checks ask for memberships. The rest is what memberships are found by, for those who say
 * why; it is read where it stands, and nothing is memoised for it.
 */
export interface GroupGraph {
  readonly groupCount: number;
  /** A group, or undefined when there is no such group. */
  entry(name: string): GroupEntry | undefined;
  /** All groups, in no order. */
  entries(): Iterable<GroupEntry>;
  /** The id of a group, or undefined when there is no such group. */
  findGroup(name: string): number | undefined;
  /**
   * The id of a name, for what is kept longer than a version: a binding names groups that may come later. A
   * name that is new is remembered for ever, so this is not for names that come from questions.
   */
  internGroup(name: string): number;
  /** The name of an id. */
  nameOf(id: number): string;
  /** The groups of an identity. */
  membershipOf(identity: Identity): Membership;
  /** Every identity that a group lists, folded, each once and in no order. */
  identities(): Iterable<Identity>;
  /** The groups that list an identity, however it is typed; each once. */
  listing(identity: Identity): IdList;
  /** The groups of which a glob matches an identity; a group may come several times. */
  matching(identity: Identity): IdList;
  /** The groups that hold a glob of this very text; each once. */
  holding(glob: string): IdList;
  /** The groups that nest a group, given by its id; each once. */
  parentsOf(group: number): IdList;
  /**
   * The version after some changes, oldest first. Costs what the changes do: never what all groups or memberships
   * do. Of the newest version it makes the newest one, and this one is read more slowly from then on. Throws a
   * DomainError INTERNAL_FAULT, and changes nothing, when a change does not fit: then this is not what it was made for.
   */
  advance(changes: readonly GroupChange[]): GroupGraph;
  /** The same for what may never come true: this version stays as fast as it is, and nobody is warned. */
  branch(changes: readonly GroupChange[]): GroupGraph;
}

// Bounds of the memo: some 60 bytes an entry and 4 bytes a group.
const maxMemoEntries = 1 << 18;
const maxMemoGroups = 1 << 23;

/** Whether a change is one of groups, and not of the policy or of API keys. */
export function isGroupChange(change: EntityChange): change is GroupChange["change"] {
  switch (change.kind) {
    case "group":
    case "group_member":
    case "group_glob":
    case "group_nested":
      return true;
    default:
      return false;
  }
}

/** The graph of these parts. Its memo lives as long as it does. */
export function graphOf(parts: GroupParts, warn: Warn): GroupGraph {
  const { ids, collect, entries, listings, globs, parents } = parts;
  const memo = createBoundedMemo<Identity, Membership>({
    maxEntries: maxMemoEntries,
    maxWeight: maxMemoGroups,
    weigh: (membership) => membership.groups.length,
  });

  function membershipOf(identity: Identity): Membership {
    const known = memo.get(identity);
    if (known !== undefined) return known;
    const folded = foldIdentity(identity);
    const listed = listings.get(folded) ?? noIds;
    const groups = collect(parents, ids.count(), listed, matchGlobs(globs, identity));
    const membership = { folded, groups };
    memo.set(identity, membership);
    return membership;
  }

  return {
    groupCount: entries.size,
    entry: (name) => entries.get(name),
    entries: () => entries.values(),
    findGroup: (name) => entries.get(name)?.id,
    internGroup: (name) => ids.intern(name),
    nameOf: (id) => ids.nameOf(id),
    membershipOf,
    identities: () => listings.keys(),
    listing: (identity) => listings.get(foldIdentity(identity)) ?? noIds,
    matching: (identity) => matchGlobs(globs, identity),
    holding: (glob) => groupsWithGlob(globs, glob),
    parentsOf: (group) => listAt(parents, group) ?? noIds,
    advance: (changes) => graphOf(changeGroups(parts, changes, "advance", warn), warn),
    branch: (changes) => graphOf(changeGroups(parts, changes, "branch", silence), silence),
  };
}

const silence: Warn = () => {};
