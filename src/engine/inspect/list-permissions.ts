import { sortByName, sortBytewise, sortedSet } from "../../domain/bytewise.ts";
import type { Identity } from "../../domain/identity.ts";
import { hasServerPerm } from "../checker/has-server-perm.ts";
import { answeringRealm, indexRealms } from "./answering-realm.ts";
import type { Inspection } from "./inspection.ts";
import type { PermissionSet } from "./listings.ts";

/**
 * Lists what an identity may do: every declared permission that the check of the place permits. Of realms
 * those that are defined, each by itself alone; of pools those that are configured, with the server level.
 * First the server level, then realms, then pools, each sorted by name; places with nothing are left out.
 * Each realm is asked about once, however many pools are in it, and its pools share one list.
 */
export function listPermissions(
  inspection: Inspection,
  identity: Identity,
): readonly PermissionSet[] {
  const { snapshot, configuration } = inspection;
  const declared = new Set(configuration.permissions);
  const realms = indexRealms(configuration);
  const inRealm = remember((name) => {
    // What no binding gives cannot be had: only the rest is worth a check.
    const bound = new Set<string>();
    for (const { permissions } of answeringRealm(realms, name)?.bindings ?? []) {
      for (const permission of permissions) if (declared.has(permission)) bound.add(permission);
    }
    return sortBytewise(
      [...bound].filter((it) => snapshot.authDb.hasPermission(identity, it, name)),
    );
  });
  const atServer = sortBytewise(
    [...declared].filter((it) => hasServerPerm(snapshot, identity, it)),
  );
  const inPoolsOf = remember((realm) =>
    atServer.length === 0 ? inRealm(realm) : sortedSet([...atServer, ...inRealm(realm)]),
  );

  const sets: readonly PermissionSet[] = [
    { place: { kind: "server" }, permissions: atServer },
    ...sortByName(configuration.realms).map(({ name }): PermissionSet => ({
      place: { kind: "realm", realm: name },
      permissions: inRealm(name),
    })),
    ...sortByName(configuration.pools).map(({ name, realm }): PermissionSet => ({
      place: { kind: "pool", pool: name },
      permissions: inPoolsOf(realm),
    })),
  ];
  return sets.filter(({ permissions }) => permissions.length > 0);
}

/** The same function, computed once for each name. */
function remember<T>(compute: (name: string) => T): (name: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (name) => {
    const hit = known.get(name);
    if (hit !== undefined) return hit.value;
    const value = compute(name);
    known.set(name, { value });
    return value;
  };
}
