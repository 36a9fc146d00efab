import type { Identity } from "../domain/identity.ts";
import type { CompiledBinding } from "./compiled-binding.ts";
import type { GroupGraph, Membership } from "./group-graph.ts";
import type { RealmIndex } from "./realm-index.ts";
import { includesId, intersects } from "./sorted-ids.ts";
import type { Warn } from "./warnings.ts";

/** Groups, realms and permissions at one revision: who is in what, who may do what where. */
export interface AuthDb {
  /** Whether the identity is in the group; an unknown group is empty. */
  isMember(identity: Identity, group: string): boolean;
  /** Whether the identity is in at least one of the groups; false for an empty list. */
  isMemberOfAny(identity: Identity, groups: readonly string[]): boolean;
  /**
   * Whether the identity has the permission in the realm, a full name. A permission that nobody declared
   * is never had. A realm that is not defined is answered by the `@root` of its project; one that is
   * defined is answered by itself alone. `attributes` are what conditions are about; absent: none.
   */
  hasPermission(
    identity: Identity,
    permission: string,
    realm: string,
    attributes?: ReadonlyMap<string, string>,
  ): boolean;
  /**
   * The question whether the identity has the permission in a realm, for many realms: each answer is that of
   * hasPermission without attributes, and who asks is looked up once. To be used while the snapshot is.
   */
  permissionTest(identity: Identity, permission: string): (realm: string) => boolean;
}

/** Creates the auth database of a snapshot, on its groups, its realms and the permissions that are declared. */
export function createAuthDb(
  declared: ReadonlySet<string>,
  graph: GroupGraph,
  realms: RealmIndex,
  warn: Warn,
): AuthDb {
  function isIn(membership: Membership, group: string): boolean {
    const id = graph.findGroup(group);
    if (id !== undefined) return includesId(membership.groups, id);
    warn("unknown_group", group);
    return false;
  }

  return {
    isMember(identity, group) {
      return isIn(graph.membershipOf(identity), group);
    },
    isMemberOfAny(identity, groups) {
      if (groups.length === 0) return false;
      const membership = graph.membershipOf(identity);
      for (const group of groups) {
        if (isIn(membership, group)) return true;
      }
      return false;
    },
    hasPermission(identity, permission, realm, attributes) {
      if (!declared.has(permission)) {
        warn("undeclared_permission", permission);
        return false;
      }
      const bindings = realms.findRealm(realm)?.get(permission);
      if (bindings === undefined) return false;
      const membership = graph.membershipOf(identity);
      return anyApplies(bindings, membership, attributes);
    },
    permissionTest(identity, permission) {
      if (!declared.has(permission)) {
        return () => {
          warn("undeclared_permission", permission);
          return false;
        };
      }
      const membership = graph.membershipOf(identity);
      return (realm) => {
        const bindings = realms.findRealm(realm)?.get(permission);
        return bindings !== undefined && anyApplies(bindings, membership, undefined);
      };
    },
  };
}

function anyApplies(
  bindings: readonly CompiledBinding[],
  membership: Membership,
  attributes: ReadonlyMap<string, string> | undefined,
): boolean {
  for (const binding of bindings) {
    if (applies(binding, membership, attributes)) return true;
  }
  return false;
}

function applies(
  binding: CompiledBinding,
  membership: Membership,
  attributes: ReadonlyMap<string, string> | undefined,
): boolean {
  for (const condition of binding.conditions) {
    const value = attributes?.get(condition.attribute);
    if (value === undefined || !condition.values.has(value)) return false;
  }
  return binding.identities.has(membership.folded) || intersects(binding.groups, membership.groups);
}
