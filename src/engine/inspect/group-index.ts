import { compareBytewise } from "../../domain/bytewise.ts";
import { matchesGlob, parseGlob } from "../../domain/glob.ts";
import { foldIdentity, type Identity } from "../../domain/identity.ts";
import type { GroupEntry } from "../group-entry.ts";
import type { GroupGraph } from "../group-graph.ts";
import type { Inspection } from "./inspection.ts";

/**
 * The groups of an inspection, to be walked in both directions. It asks the graph of the snapshot, whose ids these
 * are. So nothing is made here that is as large as all groups or memberships: checks wait while it is made.
 */
export interface GroupIndex extends Pick<
  GroupGraph,
  "listing" | "matching" | "holding" | "parentsOf" | "nameOf"
> {
  /** The id of a group, or undefined when there is no such group. */
  find(name: string): number | undefined;
  /** The group of an id; undefined when nobody has made it, or it was deleted. */
  entryOf(id: number): GroupEntry | undefined;
  /** The groups nested in a group that exist, in the order of their names, each once. Remembered. */
  nestedIn(group: number): readonly number[];
  /** Ids in the bytewise order of their names: ids themselves have no order that anybody could be shown. */
  byName(ids: Iterable<number>): readonly number[];
}

/** What a principal that is a group begins with. */
export const groupPrefix = "group:";

const indexes = new WeakMap<GroupGraph, GroupIndex>();

/** The index of the groups of an inspection. Made at the first call, remembered with the graph of the snapshot. */
export function groupIndexOf({ snapshot }: Inspection): GroupIndex {
  const known = indexes.get(snapshot.groups);
  if (known !== undefined) return known;
  const index = createGroupIndex(snapshot.groups);
  indexes.set(snapshot.groups, index);
  return index;
}

/** The member of a group that is the identity, as it is written there; undefined: it is not listed. */
export function memberAsTyped(group: GroupEntry, identity: Identity): string | undefined {
  return group.members.get(foldIdentity(identity));
}

/** The globs of a group that match the identity, sorted. */
export function globsMatching(group: GroupEntry, identity: Identity): readonly string[] {
  return group.globs.filter((text) => {
    const glob = parseGlob(text);
    return glob !== undefined && matchesGlob(glob, identity);
  });
}

function createGroupIndex(graph: GroupGraph): GroupIndex {
  const nested = new Map<number, readonly number[]>();
  const entryOf = (id: number): GroupEntry | undefined => graph.entry(graph.nameOf(id));
  return {
    find: (name) => graph.findGroup(name),
    entryOf,
    nameOf: (id) => graph.nameOf(id),
    parentsOf: (group) => graph.parentsOf(group),
    nestedIn(group) {
      let found = nested.get(group);
      if (found === undefined) {
        found = findNested(graph, entryOf(group));
        nested.set(group, found);
      }
      return found;
    },
    listing: (identity) => graph.listing(identity),
    matching: (identity) => graph.matching(identity),
    holding: (glob) => graph.holding(glob),
    byName: (ids) =>
      [...ids].sort((left, right) => compareBytewise(graph.nameOf(left), graph.nameOf(right))),
  };
}

function findNested(graph: GroupGraph, group: GroupEntry | undefined): readonly number[] {
  const found: number[] = [];
  for (const name of group?.nested ?? []) {
    const nested = graph.findGroup(name);
    if (nested !== undefined) found.push(nested);
  }
  return found;
}
