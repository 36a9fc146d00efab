import { sortByName } from "../domain/bytewise.ts";
import { foldIdentity, parseIdentity, type Identity } from "../domain/identity.ts";
import type { Group } from "../domain/model.ts";
import { createAdjacency, rowOf, type Adjacency } from "./adjacency.ts";
import { createBoundedMemo } from "./bounded-memo.ts";
import { createEffectiveGroups } from "./effective-groups.ts";
import { createGlobIndex, type GlobIndex } from "./glob-index.ts";
import type { SortedIds } from "./sorted-ids.ts";
import { unusable } from "./unusable.ts";
import type { Warn } from "./warnings.ts";

/** What the groups say about one identity. */
export interface Membership {
  /** The identity as members and direct principals are compared. */
  readonly folded: Identity;
  /** Every group that it is in, through nesting too. */
  readonly groups: SortedIds;
}

/**
 * All groups, as integer ids from 0 on in the bytewise order of their names: the order of ids is that of
 * names. Checks ask for memberships. The rest is what memberships are found by, for those who say why; it is
 * read where it stands, and nothing is memoised for it.
 */
export interface GroupGraph {
  /** The id of a group, or undefined when there is no such group. */
  findGroup(name: string): number | undefined;
  /** The groups of an identity. */
  membershipOf(identity: Identity): Membership;
  /** The groups that list an identity, however it is typed; ascending, a group may come several times. */
  listing(identity: Identity): Uint32Array;
  /** The groups of which a glob matches an identity; in no order, a group may come several times. */
  matching(identity: Identity): readonly number[];
  /** The groups that nest a group; ascending, a group may come several times. */
  parentsOf(group: number): Uint32Array;
}

// Bounds of the memo: some 60 bytes an entry and 4 bytes a group.
const maxMemoEntries = 1 << 18;
const maxMemoGroups = 1 << 23;

/** Creates the graph. Nested groups that do not exist are empty; cycles are harmless. */
export function createGroupGraph(unsorted: readonly Group[], warn: Warn): GroupGraph {
  const groups = sortByName(unsorted);
  const ids = new Map<string, number>();
  for (const { name } of groups) {
    if (ids.has(name)) throw unusable("group", name, "is defined twice");
    ids.set(name, ids.size);
  }
  const members = indexMembers(groups, warn);
  const globs = indexGlobs(groups, warn);
  const parents = indexParents(groups, ids, warn);
  const collect = createEffectiveGroups(groups.length, parents);
  const memo = createBoundedMemo<Identity, Membership>({
    maxEntries: maxMemoEntries,
    maxWeight: maxMemoGroups,
    weigh: (membership) => membership.groups.length,
  });

  function membershipOf(identity: Identity): Membership {
    const known = memo.get(identity);
    if (known !== undefined) return known;
    const folded = foldIdentity(identity);
    const membership = { folded, groups: collect(members.groupsOf(folded), globs.match(identity)) };
    memo.set(identity, membership);
    return membership;
  }

  return {
    findGroup: (name) => ids.get(name),
    membershipOf,
    listing: (identity) => members.groupsOf(foldIdentity(identity)),
    matching: (identity) => globs.match(identity),
    parentsOf: (group) => rowOf(parents, group),
  };
}

/** Which groups list an identity, by its folded form. */
function indexMembers(
  groups: readonly Group[],
  warn: Warn,
): { groupsOf(folded: Identity): SortedIds } {
  const rowsByIdentity = new Map<string, number>();
  const rows: number[] = [];
  const values: number[] = [];
  for (const [id, group] of groups.entries()) {
    for (const member of group.members) {
      const identity = parseIdentity(member);
      if (identity === undefined) {
        warn("malformed_member", group.name);
        continue;
      }
      const folded = foldIdentity(identity);
      let row = rowsByIdentity.get(folded);
      if (row === undefined) {
        row = rowsByIdentity.size;
        rowsByIdentity.set(folded, row);
      }
      rows.push(row);
      values.push(id);
    }
  }
  const lists = createAdjacency(rowsByIdentity.size, rows, values);
  const none = new Uint32Array(0);
  return {
    groupsOf(folded) {
      const row = rowsByIdentity.get(folded);
      return row === undefined ? none : rowOf(lists, row);
    },
  };
}

function indexGlobs(groups: readonly Group[], warn: Warn): GlobIndex {
  const index = createGlobIndex();
  for (const [id, group] of groups.entries()) {
    for (const glob of group.globs) {
      if (!index.add(glob, id)) warn("malformed_member", group.name);
    }
  }
  return index;
}

/** For each group, the groups that nest it. */
function indexParents(
  groups: readonly Group[],
  ids: ReadonlyMap<string, number>,
  warn: Warn,
): Adjacency {
  const rows: number[] = [];
  const values: number[] = [];
  for (const [id, group] of groups.entries()) {
    for (const name of group.nested) {
      const nested = ids.get(name);
      if (nested === undefined) {
        warn("unknown_group", name);
        continue;
      }
      rows.push(nested);
      values.push(id);
    }
  }
  return createAdjacency(groups.length, rows, values);
}
