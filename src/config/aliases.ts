import { isAlias, isNode, visit, type Alias, type Document, type Node } from "yaml";

/** The most aliases (`*name`) that are followed in one file. */
export const maxAliases = 100;

/** The most nodes that are read through aliases in one file, so that few lines cannot stand for millions. */
export const maxAliasedNodes = 100_000;

/** Follows the aliases of one document. */
export interface AliasResolver {
  /** What an alias stands for; undefined when no anchor of that name comes before it. */
  readonly find: (alias: Alias) => Node | undefined;
  /** Counts an alias that is read; false once there are more than maxAliases. */
  readonly enter: () => boolean;
  /** Counts a node that is read through an alias; false once there are more than maxAliasedNodes. */
  readonly count: () => boolean;
}

/** Makes the resolver of a document. The document is searched only once an alias is met. */
export function createAliasResolver(document: Document): AliasResolver {
  let targets: Map<Alias, Node | undefined> | undefined;
  let aliases = 0;
  let nodes = 0;
  return {
    find: (alias) => {
      targets ??= findTargets(document);
      return targets.get(alias);
    },
    enter: () => (aliases += 1) <= maxAliases,
    count: () => (nodes += 1) <= maxAliasedNodes,
  };
}

/** An alias stands for the last node before it that has its anchor. */
function findTargets(document: Document): Map<Alias, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}
