/** A set of names, as a number: the same names are the same number. */
export type NameSet = number & { readonly nameSetBrand: unique symbol };

/** Sets of names that are each kept once, so that a million principals can share a few. */
export interface NameSets {
  /** The empty set. */
  readonly none: NameSet;
  /** The set and one name more, given by its position, which is above those of all names in the set. */
  append(set: NameSet, position: number): NameSet;
  /** The names of both. */
  unite(left: NameSet, right: NameSet): NameSet;
  /** The names in their order. The list is made once for each set. */
  namesOf(set: NameSet): readonly string[];
}

/** Creates the sets over a list of distinct names, which gives their order. */
export function createNameSets(names: readonly string[]): NameSets {
  // A set is the node of a tree: the set without its last name, and that name. Node 0 is the empty set.
  const without: NameSet[] = [0 as NameSet];
  const last: number[] = [-1];
  const longer: (Map<number, NameSet> | undefined)[] = [undefined];
  const united = new Map<NameSet, Map<NameSet, NameSet>>();
  const lists = new Map<NameSet, readonly string[]>();
  const none = 0 as NameSet;

  function append(set: NameSet, position: number): NameSet {
    const known = longer[set]?.get(position);
    if (known !== undefined) return known;
    const node = without.length as NameSet;
    without.push(set);
    last.push(position);
    longer.push(undefined);
    (longer[set] ??= new Map()).set(position, node);
    return node;
  }

  function positionsOf(set: NameSet): number[] {
    const positions: number[] = [];
    for (let node = set; node !== none; node = without[node] ?? none) {
      positions.push(last[node] ?? 0);
    }
    return positions.reverse();
  }

  function unite(left: NameSet, right: NameSet): NameSet {
    if (left === right || right === none) return left;
    if (left === none) return right;
    let row = united.get(left);
    if (row === undefined) {
      row = new Map();
      united.set(left, row);
    }
    let both = row.get(right);
    if (both === undefined) {
      const positions = new Set([...positionsOf(left), ...positionsOf(right)]);
      both = [...positions].sort((a, b) => a - b).reduce(append, none);
      row.set(right, both);
    }
    return both;
  }

  function namesOf(set: NameSet): readonly string[] {
    let list = lists.get(set);
    if (list === undefined) {
      list = positionsOf(set).map((position) => names[position] ?? "");
      lists.set(set, list);
    }
    return list;
  }

  return { none, append, unite, namesOf };
}
