import { noIds } from "../id-list.ts";
import { listAt, type PagedLists } from "../paged-lists.ts";
import type { SortedIds } from "../sorted-ids.ts";
import { hasId, type IdSet } from "./id-set.ts";
import { createIdUnion, type IdUnion } from "./id-union.ts";

/**
 * What is above groups: for each group itself and all groups that it is in through nesting. Found when it is asked for
 * the first time, and kept. It holds for one state of nesting; states that nest alike share it.
 */
export interface Closures {
  /** A group, and all that it is in. */
  readonly of: (group: number) => SortedIds;
  /** Whether that of a group is kept, so that all share it. */
  readonly keeps: (group: number) => boolean;
  /** Adds a group, and all that it is in, to a union. */
  readonly addTo: (union: IdUnion, group: number) => void;
  /** Those of another state of nesting, in which they differ at most for these groups. Costs a copy of pointers. */
  readonly after: (parents: PagedLists, touched: IdSet) => Closures;
}

/** The most ids that are kept: beyond that they are found each time. Long chains of groups come to very many. */
export const maxClosureIds = 1 << 22;

/** What versions of one lineage find closures with, one at a time. */
interface Workshop {
  readonly union: IdUnion;
  readonly maxIds: number;
}

/** Creates the closures of a first version. */
export function createClosures(parents: PagedLists, maxIds: number = maxClosureIds): Closures {
  return closuresOf(parents, [], 0, { union: createIdUnion(), maxIds });
}

function closuresOf(
  parents: PagedLists,
  known: (SortedIds | undefined)[],
  keptBefore: number,
  workshop: Workshop,
): Closures {
  const { union: scratch, maxIds } = workshop;
  let kept = keptBefore;

  function keep(group: number, found: SortedIds): void {
    if (kept + found.length > maxIds) return;
    kept += found.length;
    // Never an array with holes: those are looked up in prototypes too.
    while (known.length <= group) known.push(undefined);
    known[group] = found;
  }

  function find(group: number): SortedIds {
    const queue = [group];
    scratch.add(group);
    // The list grows while it is walked.
    for (const at of queue) {
      for (const parent of listAt(parents, at) ?? noIds) {
        const above = known[parent];
        if (above !== undefined) scratch.addAll(above);
        else if (scratch.add(parent)) queue.push(parent);
      }
    }
    const found = new Uint32Array(scratch.size());
    scratch.take(found, 0);
    return found;
  }

  function of(group: number): SortedIds {
    const before = known[group];
    if (before !== undefined) return before;
    const found = find(group);
    keep(group, found);
    return found;
  }

  return {
    of,
    keeps: (group) => known[group] !== undefined,
    addTo(union, group) {
      const above = known[group];
      if (above !== undefined) union.addAll(above);
      else if (listAt(parents, group) === undefined) union.add(group);
      else union.addAll(of(group));
    },
    after(next, touched) {
      let left = kept;
      const stayed = known.map((above, group) => {
        if (above === undefined || !hasId(touched, group)) return above;
        left -= above.length;
        return undefined;
      });
      return closuresOf(next, stayed, left, workshop);
    },
  };
}
