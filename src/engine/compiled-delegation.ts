import { parseGlob, type Glob } from "../domain/glob.ts";
import type { Delegation } from "../domain/model.ts";
import type { Warn } from "./warnings.ts";

/** A delegation ready to be asked. Undefined: any. */
export interface CompiledDelegation {
  readonly group: string;
  readonly callerGlobs: readonly Glob[] | undefined;
  readonly permissions: ReadonlySet<string> | undefined;
  readonly realms: ReadonlySet<string> | undefined;
}

/** Prepares the delegations of the settings. A malformed glob matches nobody. */
export function compileDelegations(
  delegations: readonly Delegation[],
  warn: Warn,
): readonly CompiledDelegation[] {
  return delegations.map(({ group, callerGlobs, permissions, realms }) => ({
    group,
    callerGlobs: callerGlobs.length === 0 ? undefined : parseGlobs(callerGlobs, group, warn),
    permissions: permissions.length === 0 ? undefined : new Set(permissions),
    realms: realms.length === 0 ? undefined : new Set(realms),
  }));
}

function parseGlobs(texts: readonly string[], group: string, warn: Warn): readonly Glob[] {
  const globs: Glob[] = [];
  for (const text of texts) {
    const glob = parseGlob(text);
    if (glob === undefined) warn("malformed_delegation", group);
    else globs.push(glob);
  }
  return globs;
}
