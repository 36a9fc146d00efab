import type { IdList } from "./id-list.ts";
import { listAt, type PagedLists } from "./paged-lists.ts";
import type { SortedIds } from "./sorted-ids.ts";

/**
 * Collects, from lists of the groups that hold an identity themselves, every group that holds it through
 * nesting too: `parents` has the groups that nest a group. `idCount` is above all ids that can be met. Each group is
 * visited once, so paths and cycles do not count: the cost is linear in the groups reached and their nestings.
 */
export type CollectGroups = (
  parents: PagedLists,
  idCount: number,
  listed: IdList,
  matching: IdList,
) => SortedIds;

const none: SortedIds = new Uint32Array(0);

/** Creates the function for a lineage of graphs: it works in memory of its own, which grows with the ids. */
export function createEffectiveGroups(): CollectGroups {
  // A group is visited in a run when its mark is the number of the run; so nothing needs clearing.
  let marks = new Float64Array(0);
  let queue = new Uint32Array(0);
  let run = 0;

  /** Puts those of the groups that were not visited into the queue, which has so many; returns how many it has then. */
  function visit(groups: IdList, from: number): number {
    const mark = run;
    const ofGroup = marks;
    const list = queue;
    let length = from;
    for (let index = 0; index < groups.length; index += 1) {
      const group = groups[index] ?? 0;
      if (ofGroup[group] === mark) continue;
      ofGroup[group] = mark;
      list[length] = group;
      length += 1;
    }
    return length;
  }

  return (parents, idCount, listed, matching) => {
    if (idCount > marks.length) {
      marks = new Float64Array(Math.ceil(idCount * 1.5));
      queue = new Uint32Array(marks.length);
    }
    run += 1;
    let length = visit(matching, visit(listed, 0));
    const list = queue;
    for (let position = 0; position < length; position += 1) {
      const above = listAt(parents, list[position] ?? 0);
      if (above !== undefined) length = visit(above, length);
    }
    return length === 0 ? none : queue.slice(0, length).sort();
  };
}
