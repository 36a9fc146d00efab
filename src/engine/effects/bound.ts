import type { CompiledBinding } from "../compiled-binding.ts";
import { toSortedIds, type SortedIds } from "../sorted-ids.ts";

/** Who is bound for a permission in a place, whatever the attributes. Equal ones are one object. */
export interface Bound {
  /** Tells apart those that differ; 0: nobody is bound. */
  readonly number: number;
  /** Direct principals, folded. */
  readonly identities: ReadonlySet<string>;
  readonly groups: SortedIds;
}

/** Makes each Bound once, so that places in which the same are bound are compared once. */
export interface Bounds {
  readonly nobody: Bound;
  /** Who is bound by the bindings of a permission: conditions never hold, as checks pass no attributes. */
  ofBindings(bindings: readonly CompiledBinding[] | undefined): Bound;
  /** Who is in one of these groups. */
  ofGroups(groups: Iterable<number>): Bound;
}

/** Knows nobody yet. */
export function createBounds(): Bounds {
  const byKey = new Map<string, Bound>();
  const ofBinding = new WeakMap<CompiledBinding, Bound>();

  function intern(identities: ReadonlySet<string>, groups: SortedIds): Bound {
    const names = identities.size === 0 ? "" : [...identities].sort().join(" ");
    const key = `${groups.join()} ${names}`;
    let bound = byKey.get(key);
    if (bound === undefined) {
      bound = { number: byKey.size, identities, groups };
      byKey.set(key, bound);
    }
    return bound;
  }

  const nobody = intern(new Set(), toSortedIds([]));
  return {
    nobody,
    ofBindings(bindings) {
      if (bindings === undefined) return nobody;
      // A compiled realm has them first, as one: mostly that is known already.
      const [first] = bindings;
      const known = first && bindings.length === 1 ? ofBinding.get(first) : undefined;
      if (known !== undefined) return known;
      const [only, ...others] = bindings.filter((it) => it.conditions.length === 0);
      if (only === undefined) return nobody;
      if (others.length > 0) {
        // A compiled realm has united them already; whoever has not is served all the same.
        const all = [only, ...others];
        const identities = new Set(all.flatMap((binding) => [...binding.identities]));
        return intern(identities, toSortedIds(all.flatMap((binding) => [...binding.groups])));
      }
      let bound = ofBinding.get(only);
      if (bound === undefined) {
        bound = intern(only.identities, only.groups);
        ofBinding.set(only, bound);
      }
      return bound;
    },
    ofGroups: (groups) => intern(new Set(), toSortedIds(groups)),
  };
}
