import { fullRealmName, splitRealm } from "../domain/names.ts";
import type { ExpandedRealm } from "../domain/expanded.ts";
import type { Steps } from "../domain/steps.ts";
import { forEachGroup, forEachIdentity, forEachPermission } from "./compiled-binding.ts";
import type { CompiledRealm, PolicyNames } from "./compiled-realm.ts";
import { createRealmCompiler } from "./compile-realm.ts";
import type { GroupGraph } from "./group-graph.ts";
import { createMarks, type Marks } from "./marks.ts";
import { createNumbering } from "./numbering.ts";
import { unusable } from "./unusable.ts";
import type { Warn } from "./warnings.ts";

export type { CompiledRealm } from "./compiled-realm.ts";

/** All realms. */
export interface RealmIndex {
  /** The numbers that all realms of it have instead of texts. */
  readonly names: PolicyNames;
  /** For whoever asks: of all versions of it. */
  readonly marks: Marks;
  /**
   * What counts for a realm: itself if it is defined, be it empty; else the `@root` of its project, if
   * that is defined; else nothing.
   */
  findRealm(name: string): CompiledRealm | undefined;
  /** Whether a realm is defined, be it empty. */
  isDefined(name: string): boolean;
  /** Every realm that is defined. */
  all(): Iterable<CompiledRealm>;
  /** The name of every realm that is defined. */
  everyName(): Iterable<string>;
}

/** By index: what each expanded realm, which never changes, came to in its lineage. */
const compilations = new WeakMap<RealmIndex, ReadonlyMap<ExpandedRealm, CompiledRealm>>();

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
  const isWorn = before !== undefined && (yield* hasManyUnused(before));
  const known = before === undefined || isWorn ? undefined : compilations.get(before);
  const names =
    known === undefined || before === undefined
      ? { permissions: createNumbering(), identities: createNumbering() }
      : before.names;
  const compile = createRealmCompiler(names, graph);
  const warnOf = createWarnOf(graph, warn);
  const made = new Map<ExpandedRealm, CompiledRealm>();
  const defined = new Map<string, CompiledRealm>();
  const roots = new Map<string, CompiledRealm>();
  for (const realm of realms) {
    yield;
    if (defined.has(realm.name)) throw unusable("realm", realm.name, "is defined twice");
    const compiled = known?.get(realm) ?? compile(realm);
    made.set(realm, compiled);
    defined.set(realm.name, compiled);
    const parts = splitRealm(realm.name);
    if (parts.realm === "@root") roots.set(parts.project, compiled);
    warnOf(realm.name, compiled);
  }
  const marks = before?.marks ?? createMarks();
  const index = { names, marks, ...lookUps(defined, roots, warn) };
  compilations.set(index, made);
  return index;
}

/** How many numbers nobody may use, beside as many as are in use, before they are given anew. */
const spareNumbers = 4096;

/**
 * Whether most numbers of an index are of what is bound no more, or of plans that never came true. The names of a
 * policy go from one index to the next, and would otherwise grow for ever.
 */
function* hasManyUnused(index: RealmIndex): Steps<boolean> {
  const { identities, permissions } = index.names;
  if (yield* isMostlyUnused(identities.count(), index, forEachIdentity)) return true;
  return yield* isMostlyUnused(permissions.count(), index, forEachPermission);
}

function* isMostlyUnused(
  count: number,
  index: RealmIndex,
  forEachNumber: (realm: CompiledRealm, tell: (number: number) => void) => void,
): Steps<boolean> {
  if (count <= spareNumbers) return false;
  const isUsed = new Uint8Array(count);
  let used = 0;
  for (const realm of index.all()) {
    yield;
    forEachNumber(realm, (number) => {
      used += isUsed[number] === 0 ? 1 : 0;
      isUsed[number] = 1;
    });
  }
  return count > 2 * used + spareNumbers;
}

/** Warns of what a realm names. Realms name the same groups again and again: each is looked up once. */
function createWarnOf(graph: GroupGraph, warn: Warn): (name: string, realm: CompiledRealm) => void {
  const seen = new Set<number>();
  return (name, realm) => {
    forEachGroup(realm, (group) => {
      if (seen.has(group)) return;
      seen.add(group);
      const text = graph.nameOf(group);
      if (graph.findGroup(text) === undefined) warn("unknown_group", text);
    });
    if (realm.data[1] === 1) warn("malformed_principal", name);
  };
}

function lookUps(
  defined: ReadonlyMap<string, CompiledRealm>,
  roots: ReadonlyMap<string, CompiledRealm>,
  warn: Warn,
): Pick<RealmIndex, "all" | "everyName" | "findRealm" | "isDefined"> {
  return {
    all: () => defined.values(),
    everyName: () => defined.keys(),
    isDefined: (name) => defined.has(name),
    findRealm(name) {
      const realm = defined.get(name);
      if (realm !== undefined) return realm;
      warn("undefined_realm", name);
      // A malformed name must not find the root of what merely looks like its project.
      return fullRealmName.test(name) ? roots.get(splitRealm(name).project) : undefined;
    },
  };
}
