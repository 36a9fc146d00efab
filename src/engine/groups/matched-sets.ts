import type { Holders } from "../glob-index.ts";
import type { Closures } from "./closures.ts";
import { addId, createIdSet, meets, type IdSet } from "./id-set.ts";

/**
 * The groups that identities are in because globs match them: a set for all whom the same globs match. For one state of
 * globs and nesting.
 */
export interface MatchedSets {
  /** The set for some globs, in the order of the index; and whether others have it too, so that it costs nothing more. */
  readonly of: (matching: readonly Holders[]) => MatchedSet;
  /** Those for a later state: without the globs of these texts, and what has a group of `touched`. */
  readonly after: (
    closures: Closures,
    globs: ReadonlySet<string>,
    touched: IdSet | undefined,
  ) => MatchedSets;
}

/** The groups by some globs. */
export interface MatchedSet {
  readonly groups: IdSet;
  readonly isShared: boolean;
}

/** A node of the tree of lists of globs: the set of the list up to here, and how lists go on. */
interface Node {
  groups: IdSet | undefined;
  readonly next: Map<Holders, Node>;
}

/** Creates those of a first version, of at most `maxNodes` lists: whoever asks may come to as many as there are sets of globs. */
export function createMatchedSets(closures: Closures, maxNodes: number): MatchedSets {
  return matchedSetsOf(closures, createNode(), 0, maxNodes);
}

function matchedSetsOf(
  closures: Closures,
  root: Node,
  nodesBefore: number,
  maxNodes: number,
): MatchedSets {
  let nodes = nodesBefore;

  function make(matching: readonly Holders[]): IdSet {
    const lists = matching.flatMap(({ groups }) => groups.map(closures.of));
    const highest = lists.reduce((most, ids) => Math.max(most, ids.at(-1) ?? 0), 0);
    const groups = createIdSet([], highest + 1);
    for (const ids of lists) for (const id of ids) addId(groups, id);
    return groups;
  }

  return {
    of(matching) {
      let node = root;
      for (const holders of matching) {
        let next = node.next.get(holders);
        if (next === undefined) {
          if (nodes >= maxNodes) return { groups: make(matching), isShared: false };
          nodes += 1;
          next = createNode();
          node.next.set(holders, next);
        }
        node = next;
      }
      node.groups ??= make(matching);
      return { groups: node.groups, isShared: true };
    },
    after(later, globs, touched) {
      let kept = 0;
      function copy({ groups, next }: Node): Node {
        const isSame = groups !== undefined && (touched === undefined || !meets(groups, touched));
        const node: Node = { groups: isSame ? groups : undefined, next: new Map() };
        for (const [holders, below] of next) {
          if (globs.has(holders.glob.text)) continue;
          kept += 1;
          node.next.set(holders, copy(below));
        }
        return node;
      }
      const stayed = copy(root);
      return matchedSetsOf(later, stayed, kept, maxNodes);
    },
  };
}

function createNode(): Node {
  return { groups: undefined, next: new Map() };
}
