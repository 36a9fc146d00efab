import { splitRealm } from "../../domain/names.ts";
import type { Provenance } from "../../domain/provenance.ts";
import { answeringRealm as findAnsweringRealm } from "./answering-realm.ts";
import type { ExplainContext } from "./context.ts";

import type { GrantPart } from "./grant-part.ts";
import { groupPrefix } from "./group-index.ts";

/** By what single changes the caller would come to have a permission in a realm. */
export interface RealmDoor {
  readonly realm: string;
  /** The realm whose bindings count now; undefined when none do. */
  readonly answeringRealm: string | undefined;
  /** The groups that have the permission there without conditions, by number. */
  readonly groups: readonly number[];
  readonly bind: GrantPart;
}

/**
 * The door of a realm in which the caller does not have the permission. There is none when nobody declared the
 * permission, or nobody configured the project.
 */
export function findRealmDoor(
  context: ExplainContext,
  permission: string,
  realm: string,
): RealmDoor | undefined {
  const { facts, caller, inspection } = context;
  const { provenance } = inspection;
  const { project } = splitRealm(realm);
  if (!facts.permissions.has(permission) || !provenance.hasProject(project)) return undefined;
  const answeringRealm = findAnsweringRealm(facts.realms, realm)?.name;
  const { name, permissions, isNew } = roleToBind(provenance, project, permission);
  return {
    realm,
    answeringRealm,
    groups: answeringRealm === undefined ? [] : groupsBound(context, answeringRealm, permission),
    bind: {
      permissions: permissions.length,
      change: {
        kind: "bind",
        realm,
        role: name,
        principal: caller,
        createRealm: !facts.realms.has(realm),
        createRoleWith: isNew ? permissions : [],
      },
    },
  };
}

function groupsBound(
  context: ExplainContext,
  realm: string,
  permission: string,
): readonly number[] {
  const groups = new Set<number>();
  for (const origin of context.inspection.provenance.bindingsOf(realm, permission)) {
    if (origin.conditions.length > 0) continue;
    for (const principal of origin.principals) {
      if (!principal.startsWith(groupPrefix)) continue;
      const group = context.groups.find(principal.slice(groupPrefix.length));
      if (group !== undefined) groups.add(group);
    }
  }
  return [...groups];
}

/** The role that holds the permission and the fewest others; a new one when none does. */
function roleToBind(
  provenance: Provenance,
  project: string,
  permission: string,
): { readonly name: string; readonly permissions: readonly string[]; readonly isNew: boolean } {
  const [first, ...others] = provenance.rolesHolding(project, permission);
  if (first === undefined) {
    return {
      name: freeRoleName(provenance, project, permission),
      permissions: [permission],
      isNew: true,
    };
  }
  let smallest = first;
  for (const role of others) {
    if (role.permissions.length < smallest.permissions.length) smallest = role;
  }
  return { ...smallest, isNew: false };
}

function freeRoleName(provenance: Provenance, project: string, permission: string): string {
  const plain = `customRole/${permission}`;
  let name = plain;
  for (let count = 2; provenance.hasRole(project, name); count += 1) name = `${plain}-${count}`;
  return name;
}
