import type { IdList } from "./id-list.ts";
import type { SortedIds } from "./sorted-ids.ts";

/** Tells which groups nest a group; undefined: none. */
export interface Parents {
  get(group: number): IdList | undefined;
}

/**
 * Collects, from lists of the groups that hold an identity themselves, every group that holds it through
 * nesting too. `idCount` is above all ids that can be met. Each group is visited once, so paths and cycles
 * do not count: the cost is linear in the groups reached and their nestings.
 */
export type CollectGroups = (
  parents: Parents,
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
  let length = 0;

  function visit(groups: IdList): void {
    for (const group of groups) {
      if (marks[group] === run) continue;
      marks[group] = run;
      queue[length] = group;
      length += 1;
    }
  }

  return (parents, idCount, listed, matching) => {
    if (idCount > marks.length) {
      marks = new Float64Array(Math.ceil(idCount * 1.5));
      queue = new Uint32Array(marks.length);
    }
    run += 1;
    length = 0;
    visit(listed);
    visit(matching);
    for (let position = 0; position < length; position += 1) {
      const above = parents.get(queue[position] ?? 0);
      if (above !== undefined) visit(above);
    }
    return length === 0 ? none : queue.slice(0, length).sort();
  };
}
