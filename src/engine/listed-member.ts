import type { GroupGraph } from "./group-graph.ts";

/**
 * Whether somebody is listed in a group or in a group nested in it, at any depth. Globs do not count: nobody can
 * tell whether anybody matches.
 */
export function hasListedMember(graph: GroupGraph, group: string): boolean {
  const reached = new Set([group]);
  // The set grows while it is walked.
  for (const name of reached) {
    const entry = graph.entry(name);
    if (entry === undefined) continue;
    if (entry.members.size > 0) return true;
    for (const nested of entry.nested) reached.add(nested);
  }
  return false;
}
