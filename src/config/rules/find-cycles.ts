/**
 * Yields the cycles of a graph, one for each edge that closes one on a depth-first walk from the nodes in
 * their order: every cyclic part of the graph yields at least one. A cycle lists its nodes from the one
 * that was met first, without repeating it at the end. Does not recurse.
 */
export function* findCycles(
  nodes: Iterable<string>,
  next: (node: string) => Iterable<string>,
): Generator<readonly string[]> {
  const done = new Set<string>();
  for (const root of nodes) {
    if (done.has(root)) continue;
    const path: string[] = [root];
    const depth = new Map<string, number>([[root, 0]]);
    const edges: Iterator<string>[] = [next(root)[Symbol.iterator]()];
    while (path.length > 0) {
      const node = path[path.length - 1] as string;
      const step = (edges[edges.length - 1] as Iterator<string>).next();
      if (step.done === true) {
        path.pop();
        edges.pop();
        depth.delete(node);
        done.add(node);
        continue;
      }
      const target = step.value;
      const start = depth.get(target);
      if (start !== undefined) {
        yield path.slice(start);
      } else if (!done.has(target)) {
        depth.set(target, path.length);
        path.push(target);
        edges.push(next(target)[Symbol.iterator]());
      }
    }
  }
}
