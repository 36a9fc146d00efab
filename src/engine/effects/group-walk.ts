import type { GroupEntry, GroupGraph } from "../group-graph.ts";
import { toSortedIds, type SortedIds } from "../sorted-ids.ts";

/** The nesting of groups in one state, to be walked both ways. Remembers what it found. */
export interface GroupWalk {
  /** A group by its id; undefined when there is no such group in this state. */
  entry(id: number): GroupEntry | undefined;
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
    for (const { nested } of reached) {
      for (const name of nested) {
        const found = graph.entry(name);
        if (found !== undefined) reached.add(found);
      }
    }
    return [...reached];
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
