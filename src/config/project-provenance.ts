import { sortByName, sortedSet } from "../domain/bytewise.ts";
import type { Project, Realm, Role } from "../domain/model.ts";
import type { BindableRole, BindingOrigin } from "../domain/provenance.ts";
import { builtInRoles } from "../domain/roles.ts";
import { bindableRoles, createRoleExpander } from "./expand-roles.ts";
import { reachable } from "./reachable.ts";
import { shortestPaths, type ShortestPaths } from "./shortest-paths.ts";

/** The provenance of one project. Realms are local names. */
export interface ProjectProvenance {
  /** See Provenance.bindingsOf. */
  bindingsOf(realm: string, permission: string): readonly BindingOrigin[];
  /** See Provenance.rolesHolding. */
  rolesHolding(permission: string): readonly BindableRole[];
  /** See Provenance.hasRole. */
  hasRole(role: string): boolean;
  /** See Provenance.heirsOf; the answer has full names. */
  heirsOf(realm: string): readonly string[];
}

const none: readonly BindingOrigin[] = Object.freeze([]);
const root = "@root";

/** Makes the provenance of a project that a source manages; `roles` are those of the deployment. */
export function createProjectProvenance(
  source: string,
  project: Project,
  roles: readonly Role[],
): ProjectProvenance {
  const realms = new Map<string, Realm>(project.realms.map((realm) => [realm.name, realm]));
  if (!realms.has(root)) realms.set(root, { name: root, extends: [], bindings: [] });
  const rolePathOf = createRolePaths(bindableRoles(roles, project));
  const permissionsOf = createRoleExpander(roles, project);
  const holders = new Map<string, readonly BindableRole[]>();
  const allRoles = [...builtInRoles, ...roles, ...project.customRoles];
  const roleNames = new Set(allRoles.map((role) => role.name));
  let children: ReadonlyMap<string, readonly string[]> | undefined;
  const full = (local: string): string => `${project.name}:${local}`;

  return {
    bindingsOf(name, permission) {
      if (!realms.has(name)) return none;
      const origins: BindingOrigin[] = [];
      const paths = shortestPaths(name, (at) => parentsOf(realms.get(at)));
      for (const local of paths.reached) {
        for (const binding of realms.get(local)?.bindings ?? []) {
          const rolePath = rolePathOf(binding.role, permission);
          if (rolePath === undefined) continue;
          origins.push({
            source,
            realm: full(local),
            inheritance: paths.pathTo(local).map(full),
            role: binding.role,
            rolePath,
            principals: binding.principals,
            conditions: binding.conditions,
          });
        }
      }
      return origins;
    },
    rolesHolding(permission) {
      const known = holders.get(permission);
      if (known !== undefined) return known;
      const found: BindableRole[] = [];
      for (const { name } of bindableRoles(roles, project).values()) {
        const permissions = permissionsOf(name);
        if (permissions.includes(permission)) found.push({ name, permissions });
      }
      const sorted = sortByName(found);
      holders.set(permission, sorted);
      return sorted;
    },
    hasRole: (role) => roleNames.has(role),
    heirsOf(name) {
      if (!realms.has(name)) return [];
      children ??= indexChildren(realms.values());
      const found = children;
      return [...reachable([name], (at) => found.get(at) ?? [])].map(full);
    },
  };
}

function indexChildren(realms: Iterable<Realm>): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const realm of realms) {
    for (const parent of parentsOf(realm)) {
      const list = children.get(parent);
      if (list === undefined) children.set(parent, [realm.name]);
      else list.push(realm.name);
    }
  }
  return children;
}

/** What a realm inherits from directly: what it extends, and `@root`. */
function parentsOf(realm: Realm | undefined): readonly string[] {
  if (realm === undefined) return [];
  return realm.name === root ? realm.extends : sortedSet([...realm.extends, root]);
}

/**
 * Makes the function that finds the shortest way from a role to one that lists a permission, along
 * inclusions; undefined when the role does not hold it.
 */
function createRolePaths(
  roles: ReadonlyMap<string, Role>,
): (role: string, permission: string) => readonly string[] | undefined {
  /** For each role the paths from it, and of each permission the nearest role that lists it. */
  const opened = new Map<string, { paths: ShortestPaths; listers: ReadonlyMap<string, string> }>();
  return (name, permission) => {
    let found = opened.get(name);
    if (found === undefined) {
      const paths = shortestPaths(name, (at) => sortedSet(roles.get(at)?.includes ?? []));
      const listers = new Map<string, string>();
      for (const lister of paths.reached) {
        for (const listed of roles.get(lister)?.permissions ?? []) {
          if (!listers.has(listed)) listers.set(listed, lister);
        }
      }
      found = { paths, listers };
      opened.set(name, found);
    }
    const lister = found.listers.get(permission);
    return lister === undefined ? undefined : found.paths.pathTo(lister);
  };
}
