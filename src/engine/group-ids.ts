/** Numbers for the names of groups, from 0 on: of groups that exist, and of those that are only named. */
export interface GroupIds {
  /** How many there are. */
  readonly count: () => number;
  /** The number of a name, which is given one if it has none. Not for names that come from questions. */
  readonly intern: (name: string) => number;
  /** The name of a number that was given. */
  readonly nameOf: (id: number) => string;
}

/** Creates the numbers of a lineage of graphs: they are only ever added, so all versions share them. */
export function createGroupIds(): GroupIds {
  const ids = new Map<string, number>();
  const names: string[] = [];
  return {
    count: () => names.length,
    intern(name) {
      const known = ids.get(name);
      if (known !== undefined) return known;
      const id = names.length;
      ids.set(name, id);
      names.push(name);
      return id;
    },
    nameOf: (id) => names[id] ?? "",
  };
}
