import type { Place } from "../place.ts";
import type { ProblemList } from "../problem-list.ts";
import { showPath } from "../show.ts";
import { findCycles } from "./find-cycles.ts";

/** A graph of names, of which some stand in the files. */
export interface NameGraph {
  readonly nodes: Iterable<string>;
  readonly next: (node: string) => Iterable<string>;
  /** The place where `from` names `to`; undefined when `from` stands in no file of this source. */
  readonly placeOf: (from: string, to: string) => Place | undefined;
}

/** Cycles beyond this number are most likely the same mistake. */
const maxCycles = 100;

/** Reports every cycle once, with its path, at the first of its edges that stands in a file. */
export function checkCycles(problems: ProblemList, what: string, graph: NameGraph): void {
  let count = 0;
  for (const cycle of findCycles(graph.nodes, graph.next)) {
    const at = placeOfCycle(cycle, graph);
    if (at === undefined) continue;
    count += 1;
    if (count > maxCycles) return;
    const closed = [...cycle.slice(at.start), ...cycle.slice(0, at.start)];
    closed.push(closed[0] as string);
    problems.error(at.place, `${what}: ${showPath(closed)}`, "take one of these steps away");
  }
}

function placeOfCycle(
  cycle: readonly string[],
  graph: NameGraph,
): { readonly start: number; readonly place: Place } | undefined {
  for (const [start, from] of cycle.entries()) {
    const to = cycle[(start + 1) % cycle.length] as string;
    const place = graph.placeOf(from, to);
    if (place !== undefined) return { start, place };
  }
  return undefined;
}
