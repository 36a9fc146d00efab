import { foldIdentity, parseIdentity } from "../domain/identity.ts";
import { fullRealmName, splitRealm } from "../domain/names.ts";
import { createUnite, type CompiledBinding } from "./compiled-binding.ts";
import type { GroupGraph } from "./group-graph.ts";
import type { ExpandedBinding, ExpandedRealm } from "../domain/expanded.ts";
import { toSortedIds } from "./sorted-ids.ts";
import { unusable } from "./unusable.ts";
import type { Warn } from "./warnings.ts";

/** The bindings of one realm by permission: those without conditions as one, then the others. */
export type CompiledRealm = ReadonlyMap<string, readonly CompiledBinding[]>;

/** All realms. */
export interface RealmIndex {
  /**
   * What counts for a realm: itself if it is defined, be it empty; else the `@root` of its project, if
   * that is defined; else nothing.
   */
  findRealm(name: string): CompiledRealm | undefined;
  /** Every realm that is defined. */
  all(): Iterable<CompiledRealm>;
}

/**
 * Creates the index for all graphs of a lineage: bindings name groups by id, so one that is created later counts at
 * once. Malformed principals are passed over, with warnings; there is one too for a group that is unknown now.
 */
export function createRealmIndex(
  realms: readonly ExpandedRealm[],
  graph: GroupGraph,
  warn: Warn,
): RealmIndex {
  const defined = new Map<string, CompiledRealm>();
  const roots = new Map<string, CompiledRealm>();
  for (const realm of realms) {
    if (defined.has(realm.name)) throw unusable("realm", realm.name, "is defined twice");
    const compiled = compileRealm(realm, graph, warn);
    defined.set(realm.name, compiled);
    const parts = splitRealm(realm.name);
    if (parts.realm === "@root") roots.set(parts.project, compiled);
  }
  return {
    all: () => defined.values(),
    findRealm(name) {
      const realm = defined.get(name);
      if (realm !== undefined) return realm;
      warn("undefined_realm", name);
      // A malformed name must not find the root of what merely looks like its project.
      return fullRealmName.test(name) ? roots.get(splitRealm(name).project) : undefined;
    },
  };
}

function compileRealm(realm: ExpandedRealm, graph: GroupGraph, warn: Warn): CompiledRealm {
  const always = new Map<string, CompiledBinding[]>();
  const sometimes = new Map<string, CompiledBinding[]>();
  for (const binding of realm.bindings) {
    const entry = compileBinding(binding, realm.name, graph, warn);
    if (entry.identities.size === 0 && entry.groups.length === 0) continue;
    const lists = entry.conditions.length === 0 ? always : sometimes;
    for (const permission of new Set(binding.permissions)) {
      const list = lists.get(permission);
      if (list === undefined) lists.set(permission, [entry]);
      else list.push(entry);
    }
  }
  const unite = createUnite();
  const compiled = new Map<string, readonly CompiledBinding[]>();
  for (const [permission, list] of always) compiled.set(permission, [unite(list)]);
  for (const [permission, list] of sometimes) {
    compiled.set(permission, [...(compiled.get(permission) ?? []), ...list]);
  }
  return compiled;
}

function compileBinding(
  binding: ExpandedBinding,
  realm: string,
  graph: GroupGraph,
  warn: Warn,
): CompiledBinding {
  const identities = new Set<string>();
  const groups: number[] = [];
  for (const principal of binding.principals) {
    if (principal.startsWith("group:")) {
      const name = principal.slice("group:".length);
      if (graph.findGroup(name) === undefined) warn("unknown_group", name);
      groups.push(graph.internGroup(name));
      continue;
    }
    const identity = parseIdentity(principal);
    if (identity === undefined) warn("malformed_principal", realm);
    else identities.add(foldIdentity(identity));
  }
  const conditions = binding.conditions.map(({ attribute, values }) => ({
    attribute,
    values: new Set(values),
  }));
  return { conditions, identities, groups: toSortedIds(groups) };
}
