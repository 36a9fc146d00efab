import { sortedSet } from "../domain/bytewise.ts";
import type { RoleExpander } from "./expand-roles.ts";

/** One copy of each sorted set of permissions: most principals have few of them. */
export interface PermissionLists {
  readonly one: (permissions: readonly string[]) => readonly string[];
}

/** Knows none yet. */
export function createPermissionLists(): PermissionLists {
  const known = new Map<string, readonly string[]>();
  return {
    one(permissions) {
      const key = JSON.stringify(permissions);
      const same = known.get(key);
      if (same !== undefined) return same;
      known.set(key, permissions);
      return permissions;
    },
  };
}

/** Some distinct roles, and the permissions that they have together: equal ones are one object. */
export interface RoleList {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly next: Map<string, RoleList>;
}

/** The lists of roles of one project: each is made once, so that a principal costs a look-up for each role that it has. */
export interface RoleLists {
  /** A list with one role more, or the very list if that has it already; undefined: no role yet. */
  readonly with: (list: RoleList | undefined, role: string) => RoleList;
}

/** Knows none yet. */
export function createRoleLists(permissionsOf: RoleExpander, shared: PermissionLists): RoleLists {
  const root: RoleList = { roles: [], permissions: [], next: new Map() };
  return {
    with(list = root, role) {
      const known = list.next.get(role);
      if (known !== undefined) return known;
      const next = list.roles.includes(role) ? list : newList([...list.roles, role]);
      list.next.set(role, next);
      return next;
    },
  };

  function newList(roles: readonly string[]): RoleList {
    const permissions = sortedSet(roles.flatMap((role) => permissionsOf(role)));
    return { roles, permissions: shared.one(permissions), next: new Map() };
  }
}
