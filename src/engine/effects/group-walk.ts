import type { GroupEntry, GroupGraph } from "../group-graph.ts";
import { toSortedIds, type SortedIds } from "../sorted-ids.ts";

/** The nesting of groups in one state, to be walked both ways. Remembers what it found. */
export interface GroupWalk {
  /** A group by its id; undefined when there is no such group in this state. */
  entry(id: number): GroupEntry | undefined;
  /** The groups that a group nests itself, those that exist. */
  nestedIn(id: number): readonly number[];
  /** The group and all groups that are nested in it, at any depth, those that exist. */
  below(id: number): readonly GroupEntry[];
  /** The group and all groups that it is nested in, at any depth. */
  above(id: number): SortedIds;
}

/** Creates the walk of a graph. Each question costs what it reaches, the first time. */
export function createGroupWalk(graph: GroupGraph): GroupWalk {
  const belows = new Map<number, readonly GroupEntry[]>();
  const aboves = new Map<number, SortedIds>();
  const entry = (id: number): GroupEntry | undefined => graph.entry(graph.nameOf(id));

  function findBelow(id: number): readonly GroupEntry[] {
    const top = entry(id);
    const reached = new Set(top === undefined ? [] : [top]);
    // A set hands out what is added while it is walked.
    for (const group of reached) {
      for (const nested of findNested(group)) reached.add(nested);
    }
    return [...reached];
  }

  function findNested(group: GroupEntry | undefined): readonly GroupEntry[] {
    const names = group?.nested ?? [];
    return names.map((name) => graph.entry(name)).filter((nested) => nested !== undefined);
  }

  function findAbove(id: number): SortedIds {
    const reached = new Set([id]);
    for (const group of reached) {
      for (const parent of graph.parentsOf(group)) reached.add(parent);
    }
    return toSortedIds(reached);
  }

  return {
    entry,
    nestedIn: (id) => findNested(entry(id)).map((nested) => nested.id),
    below: (id) => remember(belows, id, findBelow),
    above: (id) => remember(aboves, id, findAbove),
  };
}

function remember<K, V>(known: Map<K, V>, key: K, find: (key: K) => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = find(key);
    known.set(key, value);
  }
  return value;
}
