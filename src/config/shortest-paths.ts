/** The shortest ways from one name to all that can be reached from it. */
export interface ShortestPaths {
  /** All names that can be reached, the start first, the nearer ones before the others. */
  readonly reached: readonly string[];
  /** The names on the way to one that can be reached, both ends included. */
  readonly pathTo: (name: string) => readonly string[];
}

/**
 * Finds the shortest ways from `start` along `next`; of several it takes the one whose steps come first.
 * Does not recurse; cycles do no harm; linear in what is reached.
 */
export function shortestPaths(
  start: string,
  next: (name: string) => Iterable<string>,
): ShortestPaths {
  const before = new Map<string, string | undefined>([[start, undefined]]);
  // A map hands out what is added to it while it is walked.
  for (const name of before.keys()) {
    for (const target of next(name)) {
      if (!before.has(target)) before.set(target, name);
    }
  }
  return {
    reached: [...before.keys()],
    pathTo: (name) => {
      const path: string[] = [];
      for (let at: string | undefined = name; at !== undefined; at = before.get(at)) path.push(at);
      return path.reverse();
    },
  };
}
