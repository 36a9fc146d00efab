import { sortByName, sortBytewise } from "../../domain/bytewise.ts";
import { matchesGlob, parseGlob } from "../../domain/glob.ts";
import { foldIdentity, parseIdentity, type Identity } from "../../domain/identity.ts";
import type { Group } from "../../domain/model.ts";
import type { GroupGraph } from "../group-graph.ts";
import type { Inspection } from "./inspection.ts";

/**
 * The groups of an inspection, to be walked in both directions. Upwards the graph of the snapshot answers,
 * whose numbers these are; downwards the groups that are asked about. So nothing is made here that is as
 * large as all memberships: checks wait while it is made.
 */
export interface GroupIndex extends Pick<GroupGraph, "listing" | "matching" | "parentsOf"> {
  /** By number, which is the bytewise order of their names. */
  readonly groups: readonly Group[];
  /** The number of a group, or undefined when there is no such group. */
  find(name: string): number | undefined;
  /** The groups nested in a group that exist; ascending, each once. Remembered. */
  nestedIn(group: number): readonly number[];
}

/** What a principal that is a group begins with. */
export const groupPrefix = "group:";

const indexes = new WeakMap<GroupGraph, GroupIndex>();

/** The index of the groups of an inspection. Made at the first call, remembered with the graph of the snapshot. */
export function groupIndexOf(inspection: Inspection): GroupIndex {
  const graph = inspection.snapshot.groups;
  const known = indexes.get(graph);
  if (known !== undefined) return known;
  const index = createGroupIndex(inspection);
  indexes.set(graph, index);
  return index;
}

/** The member of a group that is the identity, as it is written there; undefined: it is not listed. */
export function memberAsTyped(group: Group, identity: Identity): string | undefined {
  const folded = foldIdentity(identity);
  // Members of one length often differ most in the end of the name. A letter there has bit 0x20 in one case only, so
  // of a million members only those are folded that may fit. Lower case makes a good letter of some that no identity
  // may hold, so a text that fits is parsed too.
  const end = (folded.includes("@") ? folded.indexOf("@") : folded.length) - 1;
  const last = folded.charCodeAt(end) | 0x20;
  const same = group.members.filter(
    (member) =>
      member.length === folded.length &&
      (member.charCodeAt(end) | 0x20) === last &&
      foldIdentity(member as Identity) === folded &&
      parseIdentity(member) !== undefined,
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

function createGroupIndex({ snapshot, configuration }: Inspection): GroupIndex {
  const graph = snapshot.groups;
  // The graph numbers the groups in the same order.
  const groups = sortByName(configuration.groups);
  const nested = new Map<number, readonly number[]>();
  return {
    groups,
    find: (name) => graph.findGroup(name),
    parentsOf: (group) => graph.parentsOf(group),
    nestedIn(group) {
      let found = nested.get(group);
      if (found === undefined) {
        found = findNested(graph, groups[group]);
        nested.set(group, found);
      }
      return found;
    },
    listing: (identity) => graph.listing(identity),
    matching: (identity) => graph.matching(identity),
  };
}

function findNested(graph: GroupGraph, group: Group | undefined): readonly number[] {
  const found = new Set<number>();
  for (const name of group?.nested ?? []) {
    const nested = graph.findGroup(name);
    if (nested !== undefined) found.add(nested);
  }
  return [...found].sort((left, right) => left - right);
}
