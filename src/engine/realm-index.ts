import { foldIdentity, parseIdentity } from "../domain/identity.ts";
import { fullRealmName, splitRealm } from "../domain/names.ts";
import type { GroupGraph } from "./group-graph.ts";
import type { ExpandedBinding, ExpandedRealm } from "./snapshot-input.ts";
import { toSortedIds, type SortedIds } from "./sorted-ids.ts";
import { unusable } from "./unusable.ts";
import type { Warn } from "./warnings.ts";

/** The bindings of one realm by permission, those without conditions first. */
export type CompiledRealm = ReadonlyMap<string, readonly CompiledBinding[]>;

/** One binding: applies to whoever is one of the identities or in one of the groups, if all conditions hold. */
export interface CompiledBinding {
  readonly conditions: readonly CompiledCondition[];
  /** Direct principals, folded. */
  readonly identities: ReadonlySet<string>;
  readonly groups: SortedIds;
}

/** Holds when the attribute is present and has one of the values. */
export interface CompiledCondition {
  readonly attribute: string;
  readonly values: ReadonlySet<string>;
}

/** All realms. */
export interface RealmIndex {
  /**
   * What counts for a realm: itself if it is defined, be it empty; else the `@root` of its project, if
   * that is defined; else nothing.
   */
  findRealm(name: string): CompiledRealm | undefined;
}

/** Creates the index. Unknown groups are empty and malformed principals are passed over, with warnings. */
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
  const compiled = new Map<string, CompiledBinding[]>();
  // The sort is stable and only tells with from without: the order of conditions never changes an answer.
  const ordered = realm.bindings.toSorted(
    (left, right) => Math.min(left.conditions.length, 1) - Math.min(right.conditions.length, 1),
  );
  for (const binding of ordered) {
    const entry = compileBinding(binding, realm.name, graph, warn);
    if (entry.identities.size === 0 && entry.groups.length === 0) continue;
    for (const permission of new Set(binding.permissions)) {
      const list = compiled.get(permission);
      if (list === undefined) compiled.set(permission, [entry]);
      else list.push(entry);
    }
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
      const group = graph.findGroup(name);
      if (group === undefined) warn("unknown_group", name);
      else groups.push(group);
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
