import { sortBytewise } from "../../domain/bytewise.ts";
import type { GroupIndex } from "./group-index.ts";
import { createNameSets, type NameSet, type NameSets } from "./name-sets.ts";

/** The groups all members of which have something, and through which groups they have it. */
export interface Holders {
  /** By the id of the group: those of the given groups that it is, or is nested in at any depth. */
  readonly via: ReadonlyMap<number, NameSet>;
  readonly sets: NameSets;
}

/**
 * Collects given groups and everything that is nested in them. Groups that do not exist are left out.
 * Memory is linear in the groups that are reached; each of the given groups costs what it reaches.
 */
export function collectDownward(index: GroupIndex, from: Iterable<string>): Holders {
  const names = sortBytewise(from).filter((name) => index.find(name) !== undefined);
  const sets = createNameSets(names);
  const via = new Map<number, NameSet>();
  for (const [rank, name] of names.entries()) {
    const top = index.find(name);
    if (top === undefined) continue;
    // A set hands out what is added while it is walked.
    const reached = new Set([top]);
    for (const group of reached) {
      via.set(group, sets.append(via.get(group) ?? sets.none, rank));
      for (const nested of index.nestedIn(group)) reached.add(nested);
    }
  }
  return { via, sets };
}
