import type { Adjacency } from "./adjacency.ts";
import type { SortedIds } from "./sorted-ids.ts";

/**
 * Creates the function that collects, from the groups that hold an identity themselves, every group that
 * holds it through nesting too. Each group is visited once, so paths and cycles do not count: the cost is
 * linear in the groups reached and their nestings.
 */
export function createEffectiveGroups(
  groupCount: number,
  parents: Adjacency,
): (...direct: readonly Iterable<number>[]) => SortedIds {
  // A group is visited in a run when its mark is the number of the run; so nothing needs clearing.
  const marks = new Float64Array(groupCount);
  const queue = new Uint32Array(groupCount);
  const none = new Uint32Array(0);
  let run = 0;

  return (...direct) => {
    run += 1;
    let length = 0;
    for (const list of direct) {
      for (const group of list) {
        if (marks[group] === run) continue;
        marks[group] = run;
        queue[length] = group;
        length += 1;
      }
    }
    for (let position = 0; position < length; position += 1) {
      const group = queue[position] ?? 0;
      const end = parents.offsets[group + 1] ?? 0;
      for (let index = parents.offsets[group] ?? 0; index < end; index += 1) {
        const parent = parents.values[index] ?? 0;
        if (marks[parent] === run) continue;
        marks[parent] = run;
        queue[length] = parent;
        length += 1;
      }
    }
    return length === 0 ? none : queue.slice(0, length).sort();
  };
}
