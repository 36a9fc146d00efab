import { sortByName, sortBytewise } from "../../domain/bytewise.ts";
import type { ExpandedConfiguration } from "../../domain/expanded.ts";
import { matchesGlob, parseGlob } from "../../domain/glob.ts";
import { foldIdentity, parseIdentity, type Identity } from "../../domain/identity.ts";
import type { Group } from "../../domain/model.ts";
import { createAdjacency, type Adjacency } from "../adjacency.ts";
import { createGlobIndex } from "../glob-index.ts";

/**
 * The groups of a configuration, to be walked in both directions. Groups are numbered from 0 in the
 * bytewise order of their names, so the order of numbers is that of names.
 */
export interface GroupIndex {
  readonly groups: readonly Group[];
  /** The number of a group, or undefined when there is no such group. */
  find(name: string): number | undefined;
  /** The groups that nest a group, ascending. */
  parentsOf(group: number): Uint32Array;
  /** The groups nested in a group that exist, ascending. */
  nestedIn(group: number): Uint32Array;
  /** The groups that list an identity, however it is typed; ascending. */
  listing(identity: Identity): Uint32Array;
  /** The groups of which a glob matches the identity; in no order, a group may come several times. */
  matching(identity: Identity): readonly number[];
}

/** What a principal that is a group begins with. */
export const groupPrefix = "group:";

const indexes = new WeakMap<ExpandedConfiguration, GroupIndex>();

/** The index of the groups of a configuration. Made at the first call, remembered with the configuration. */
export function groupIndexOf(configuration: ExpandedConfiguration): GroupIndex {
  const known = indexes.get(configuration);
  if (known !== undefined) return known;
  const index = createGroupIndex(configuration.groups);
  indexes.set(configuration, index);
  return index;
}

/** The member of a group that is the identity, as it is written there; undefined: it is not listed. */
export function memberAsTyped(group: Group, identity: Identity): string | undefined {
  const folded = foldIdentity(identity);
  // Lower case makes a good letter of some that no identity may hold, so a text that fits is parsed too.
  const same = group.members.filter(
    (member) => foldIdentity(member as Identity) === folded && parseIdentity(member) !== undefined,
  );
  return sortBytewise(same)[0];
}

/** The globs of a group that match the identity, sorted. */
export function globsMatching(group: Group, identity: Identity): readonly string[] {
  return sortBytewise(
    group.globs.filter((text) => {
      const glob = parseGlob(text);
      return glob !== undefined && matchesGlob(glob, identity);
    }),
  );
}

function createGroupIndex(unsorted: readonly Group[]): GroupIndex {
  const groups = sortByName(unsorted);
  const ids = new Map(groups.map((group, id) => [group.name, id]));
  const nestings = indexNestings(groups, ids);
  const listings = indexMembers(groups);
  const globs = createGlobIndex();
  for (const [id, group] of groups.entries()) for (const glob of group.globs) globs.add(glob, id);
  return {
    groups,
    find: (name) => ids.get(name),
    parentsOf: (group) => rowOf(nestings.parents, group),
    nestedIn: (group) => rowOf(nestings.nested, group),
    listing: (identity) => listings(foldIdentity(identity)),
    matching: (identity) => globs.match(identity),
  };
}

function rowOf({ offsets, values }: Adjacency, row: number): Uint32Array {
  return values.subarray(offsets[row], offsets[row + 1]);
}

function indexNestings(
  groups: readonly Group[],
  ids: ReadonlyMap<string, number>,
): { readonly parents: Adjacency; readonly nested: Adjacency } {
  const outer: number[] = [];
  const inner: number[] = [];
  for (const [id, group] of groups.entries()) {
    const nested = new Set<number>();
    for (const name of group.nested) {
      const found = ids.get(name);
      if (found !== undefined) nested.add(found);
    }
    for (const found of [...nested].sort((left, right) => left - right)) {
      outer.push(id);
      inner.push(found);
    }
  }
  return {
    parents: createAdjacency(groups.length, inner, outer),
    nested: createAdjacency(groups.length, outer, inner),
  };
}

function indexMembers(groups: readonly Group[]): (folded: Identity) => Uint32Array {
  const rows = new Map<string, number>();
  const memberRows: number[] = [];
  const memberGroups: number[] = [];
  for (const [id, group] of groups.entries()) {
    const own = new Set<Identity>();
    for (const member of group.members) {
      const identity = parseIdentity(member);
      if (identity !== undefined) own.add(foldIdentity(identity));
    }
    for (const folded of own) {
      let row = rows.get(folded);
      if (row === undefined) {
        row = rows.size;
        rows.set(folded, row);
      }
      memberRows.push(row);
      memberGroups.push(id);
    }
  }
  const lists = createAdjacency(rows.size, memberRows, memberGroups);
  const none = new Uint32Array(0);
  return (folded) => {
    const row = rows.get(folded);
    return row === undefined ? none : rowOf(lists, row);
  };
}
