import type { ExpandedConfiguration } from "../../domain/expanded.ts";
import { fullRealmName, splitRealm } from "../../domain/names.ts";

/** What a configuration declares and defines, to look it up by name. */
export interface Facts {
  readonly permissions: ReadonlySet<string>;
  /** The full names of all realms that are defined. */
  readonly realms: ReadonlySet<string>;
}

const known = new WeakMap<ExpandedConfiguration, Facts>();

/** The facts of a configuration. Made at the first call, remembered with the configuration. */
export function factsOf(configuration: ExpandedConfiguration): Facts {
  const before = known.get(configuration);
  if (before !== undefined) return before;
  const facts = {
    permissions: new Set(configuration.permissions),
    realms: new Set(configuration.realms.map((realm) => realm.name)),
  };
  known.set(configuration, facts);
  return facts;
}

/**
 * The realm whose bindings count for a realm: itself if it is defined, else the `@root` of its project, if
 * that is defined (docs/semantics.md §4).
 */
export function answeringRealmOf(facts: Facts, realm: string): string | undefined {
  if (facts.realms.has(realm)) return realm;
  if (!fullRealmName.test(realm)) return undefined;
  const root = `${splitRealm(realm).project}:@root`;
  return facts.realms.has(root) ? root : undefined;
}
