/**
 * Everything that can be reached from `start` along `next`, `start` included, each once, in the order in
 * which it is found. Does not recurse; cycles do no harm.
 */
export function reachable(
  start: Iterable<string>,
  next: (name: string) => Iterable<string>,
): Set<string> {
  const found = new Set(start);
  // A set hands out what is added to it while it is walked.
  for (const name of found) {
    for (const target of next(name)) found.add(target);
  }
  return found;
}
