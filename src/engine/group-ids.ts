/** Numbers for the names of groups, from 0 on: of groups that exist, and of those that are only named. */
export interface GroupIds {
  /** How many there are. */
  readonly count: () => number;
  /** The number of a name, undefined if it has none. */
  readonly find: (name: string) => number | undefined;
  /** The number of a name, which is given one if it has none. Not for names that come from questions. */
  readonly intern: (name: string) => number;
  /** The name of a number that was given. */
  readonly nameOf: (id: number) => string;
  /** The numbers for a branch. One of a branch has the same as that: branches of branches cost no more to read. */
  readonly branch: () => GroupIds;
}

/**
 * Creates the numbers of a lineage of graphs: they are only ever added, so all versions share them. A branch, which
 * may never come true, has those of its base that there are now, and gives others by itself: they go with it.
 */
export function createGroupIds(base?: GroupIds): GroupIds {
  const first = base?.count() ?? 0;
  const numbers = new Map<string, number>();
  const names: string[] = [];

  function find(name: string): number | undefined {
    const known = base?.find(name);
    // The base may have given a number since that is another name's here.
    return known !== undefined && known < first ? known : numbers.get(name);
  }

  const ids: GroupIds = {
    count: () => first + names.length,
    find,
    intern(name) {
      const known = find(name);
      if (known !== undefined) return known;
      const id = first + names.length;
      numbers.set(name, id);
      names.push(name);
      return id;
    },
    nameOf: (id) => (id < first ? base?.nameOf(id) : names[id - first]) ?? "",
    branch: () => (base === undefined ? createGroupIds(ids) : ids),
  };
  return ids;
}
