import type { ExpandedPolicy, ExpandedRealm } from "../../domain/expanded.ts";
import { indexRealms } from "./answering-realm.ts";

/** What a configuration declares and defines, to look it up by name. */
export interface Facts {
  readonly permissions: ReadonlySet<string>;
  /** The realms that are defined, by full name. */
  readonly realms: ReadonlyMap<string, ExpandedRealm>;
}

const known = new WeakMap<ExpandedPolicy, Facts>();

/** The facts of a configuration. Made at the first call, remembered with the configuration. */
export function factsOf(configuration: ExpandedPolicy): Facts {
  const before = known.get(configuration);
  if (before !== undefined) return before;
  const facts = {
    permissions: new Set(configuration.permissions),
    realms: indexRealms(configuration),
  };
  known.set(configuration, facts);
  return facts;
}
