import { foldIdentity, parseIdentity } from "../domain/identity.ts";
import { fullRealmName, splitRealm } from "../domain/names.ts";
import { createUnite, type CompiledBinding } from "./compiled-binding.ts";
import type { GroupGraph } from "./group-graph.ts";
import type { ExpandedBinding, ExpandedRealm } from "../domain/expanded.ts";
import type { Steps } from "../domain/steps.ts";
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

/** A realm that was compiled, with what was to be warned of. */
interface Compilation {
  readonly compiled: CompiledRealm;
  readonly suspects: Suspects;
}

/** The names of the groups that a realm binds, of which some may be unknown, in their order; undefined: a malformed principal. */
type Suspects = ReadonlySet<string | undefined>;

/** By index: what each expanded realm, which never changes, came to in its lineage. */
const compilations = new WeakMap<RealmIndex, ReadonlyMap<ExpandedRealm, Compilation>>();

/**
 * Creates the index for all graphs of a lineage, realm by realm: bindings name groups by id, so one that is created
 * later counts at once. Malformed principals are passed over, with warnings; there is one too for a group that is
 * unknown now. What is the same realm as in `before`, an index of the same lineage, is not compiled again.
 */
export function* createRealmIndex(
  realms: readonly ExpandedRealm[],
  graph: GroupGraph,
  warn: Warn,
  before?: RealmIndex,
): Steps<RealmIndex> {
  const known = before && compilations.get(before);
  const made = new Map<ExpandedRealm, Compilation>();
  const defined = new Map<string, CompiledRealm>();
  const roots = new Map<string, CompiledRealm>();
  for (const realm of realms) {
    yield;
    if (defined.has(realm.name)) throw unusable("realm", realm.name, "is defined twice");
    const compilation = known?.get(realm) ?? compileRealm(realm, graph);
    const { compiled } = compilation;
    made.set(realm, compilation);
    defined.set(realm.name, compiled);
    const parts = splitRealm(realm.name);
    if (parts.realm === "@root") roots.set(parts.project, compiled);
    warnOf(realm.name, compilation.suspects, graph, warn);
  }
  const index = indexOf(defined, roots, warn);
  compilations.set(index, made);
  return index;
}

function warnOf(realm: string, suspects: Suspects, graph: GroupGraph, warn: Warn): void {
  for (const group of suspects) {
    if (group === undefined) warn("malformed_principal", realm);
    else if (graph.findGroup(group) === undefined) warn("unknown_group", group);
  }
}

function indexOf(
  defined: ReadonlyMap<string, CompiledRealm>,
  roots: ReadonlyMap<string, CompiledRealm>,
  warn: Warn,
): RealmIndex {
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

function compileRealm(realm: ExpandedRealm, graph: GroupGraph): Compilation {
  const suspects = new Set<string | undefined>();
  const always = new Map<string, CompiledBinding[]>();
  const sometimes = new Map<string, CompiledBinding[]>();
  for (const binding of realm.bindings) {
    const entry = compileBinding(binding, graph, suspects);
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
  return { compiled, suspects };
}

const groupPrefix = "group:";

function compileBinding(
  binding: ExpandedBinding,
  graph: GroupGraph,
  suspects: Set<string | undefined>,
): CompiledBinding {
  const identities = new Set<string>();
  const groups: number[] = [];
  for (const principal of binding.principals) {
    if (principal.startsWith(groupPrefix)) {
      const name = principal.slice(groupPrefix.length);
      suspects.add(name);
      groups.push(graph.internGroup(name));
      continue;
    }
    const identity = parseIdentity(principal);
    if (identity === undefined) suspects.add(undefined);
    else identities.add(foldIdentity(identity));
  }
  const conditions = binding.conditions.map(({ attribute, values }) => ({
    attribute,
    values: new Set(values),
  }));
  return { conditions, identities, groups: toSortedIds(groups) };
}
