import type { Identity } from "../domain/identity.ts";
import { gives, type Asker } from "./compiled-realm.ts";
import type { GroupGraph, Membership } from "./group-graph.ts";
import type { KnownPermission } from "./known-permissions.ts";
import type { RealmIndex } from "./realm-index.ts";
import { isInAnyGroup, isInGroup } from "./groups/membership.ts";
import type { Warn } from "./warnings.ts";

/** Groups, realms and permissions at one revision: who is in what, who may do what where. */
export interface AuthDb {
  /** Whether the identity is in the group; an unknown group is empty. */
  isMember(identity: Identity, group: string): boolean;
  /** Whether the identity is in at least one of the groups; false for an empty list. */
  isMemberOfAny(identity: Identity, groups: readonly string[]): boolean;
  /** Whether the identity is in a group to which the settings give the permission at the server level. */
  hasServerPermission(identity: Identity, permission: string): boolean;
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

/** What an auth database is made of. */
export interface AuthDbParts {
  /** By name. */
  readonly permissions: ReadonlyMap<string, KnownPermission>;
  readonly groups: GroupGraph;
  readonly realms: RealmIndex;
  readonly warn: Warn;
}

interface Known {
  readonly identity: Identity;
  readonly asker: Asker;
}

const places = 64;

/** Where an identity is remembered: those of one fleet differ behind their kind and in their length. */
function placeOf(identity: Identity): number {
  const letters =
    identity.charCodeAt(5) + 5 * identity.charCodeAt(8) + 17 * identity.charCodeAt(11);
  // Too short for one of them: NaN, and so place 0.
  return (letters + 3 * identity.length) & (places - 1);
}

/** Creates the auth database of a snapshot. */
export function createAuthDb({ permissions, groups: graph, realms, warn }: AuthDbParts): AuthDb {
  // One check asks about two identities, whoever asks and on whose behalf, several times; and the next check about the same asker.
  let last: Known | undefined;
  let before: Known | undefined;
  // And after others the same ones again: who was asked for lately, by a few letters.
  const lately: (Known | undefined)[] = Array.from({ length: places }, () => undefined);
  /** By the index of a permission: whether all was said that is to be said of its groups of the server level. */
  const isTold: boolean[] = [];

  function askerOf(identity: Identity): Asker {
    if (last?.identity === identity) return last.asker;
    let known = before;
    if (known?.identity !== identity) {
      const place = placeOf(identity);
      known = lately[place];
      if (known?.identity !== identity) {
        known = {
          identity,
          asker: { membership: graph.membershipOf(identity), marks: realms.marks },
        };
        lately[place] = known;
      }
    }
    before = last;
    last = known;
    return known.asker;
  }

  function isIn(membership: Membership, group: string): boolean {
    const id = graph.findGroup(group);
    if (id !== undefined) return isInGroup(membership, id);
    warn("unknown_group", group);
    return false;
  }

  function isInAny(membership: Membership, groups: readonly string[]): boolean {
    for (const group of groups) {
      if (isIn(membership, group)) return true;
    }
    return false;
  }

  return {
    isMember: (identity, group) => isIn(askerOf(identity).membership, group),
    isMemberOfAny: (identity, groups) =>
      groups.length > 0 && isInAny(askerOf(identity).membership, groups),
    hasServerPermission(identity, permission) {
      const found = permissions.get(permission);
      if (found === undefined || found.serverGroups.length === 0) return false;
      const { membership } = askerOf(identity);
      if (isTold[found.index] === true) return isInAnyGroup(membership, found.serverIds);
      const answer = isInAny(membership, found.serverGroups);
      isTold[found.index] =
        !answer || found.serverGroups.every((group) => graph.findGroup(group) !== undefined);
      return answer;
    },
    hasPermission(identity, permission, realm, attributes) {
      const number = permissions.get(permission)?.number;
      if (number === undefined) {
        warn("undeclared_permission", permission);
        return false;
      }
      const compiled = realms.findRealm(realm);
      return compiled !== undefined && gives(compiled, number, askerOf(identity), attributes);
    },
    permissionTest(identity, permission) {
      const number = permissions.get(permission)?.number;
      if (number === undefined) {
        return () => {
          warn("undeclared_permission", permission);
          return false;
        };
      }
      const asker = askerOf(identity);
      return (realm) => {
        const compiled = realms.findRealm(realm);
        return compiled !== undefined && gives(compiled, number, asker, undefined);
      };
    },
  };
}
