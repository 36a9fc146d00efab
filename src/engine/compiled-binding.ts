import { toSortedIds, type SortedIds } from "./sorted-ids.ts";

/** One binding: applies to whoever is one of the identities or in one of the groups, if all conditions hold. */
export interface CompiledBinding {
  readonly conditions: readonly CompiledCondition[];
  /** Direct principals, folded. */
  readonly identities: ReadonlySet<string>;
  readonly groups: SortedIds;
}

/** Holds when the attribute is present and has one of the values. */
export interface CompiledCondition {
  readonly attribute: string;
  readonly values: ReadonlySet<string>;
}

/** A node of the tree of lists that were united: what the list up to here came to, and how lists go on. */
interface Node {
  united: CompiledBinding | undefined;
  readonly next: Map<CompiledBinding, Node>;
}

/**
 * Creates the function that makes one binding of a list of bindings without conditions. The permissions of
 * one role are bound alike, so equal lists come again and again: they share the result.
 */
export function createUnite(): (bindings: readonly CompiledBinding[]) => CompiledBinding {
  const root: Node = { united: undefined, next: new Map() };
  return (bindings) => {
    let node = root;
    for (const binding of bindings) {
      let next = node.next.get(binding);
      if (next === undefined) {
        next = { united: undefined, next: new Map() };
        node.next.set(binding, next);
      }
      node = next;
    }
    node.united ??= uniteAll(bindings);
    return node.united;
  };
}

function uniteAll(bindings: readonly CompiledBinding[]): CompiledBinding {
  const [only] = bindings;
  if (only !== undefined && bindings.length === 1) return only;
  const identities = new Set<string>();
  const groups = new Set<number>();
  for (const binding of bindings) {
    for (const identity of binding.identities) identities.add(identity);
    for (const group of binding.groups) groups.add(group);
  }
  return { conditions: [], identities, groups: toSortedIds(groups) };
}
