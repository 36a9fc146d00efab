import type { ExpandedPolicy, ExpandedRealm } from "../../domain/expanded.ts";
import { fullRealmName, splitRealm } from "../../domain/names.ts";

/** The realms that are defined, by full name. */
export function indexRealms(configuration: ExpandedPolicy): ReadonlyMap<string, ExpandedRealm> {
  return new Map(configuration.realms.map((realm) => [realm.name, realm]));
}

/**
 * The realm whose bindings count for a name: itself when it is defined, else `@root` of its project, else
 * none (docs/semantics.md §4).
 */
export function answeringRealm(
  realms: ReadonlyMap<string, ExpandedRealm>,
  name: string,
): ExpandedRealm | undefined {
  const realm = realms.get(name);
  if (realm !== undefined || !fullRealmName.test(name)) return realm;
  return realms.get(`${splitRealm(name).project}:@root`);
}
