import type { Project, Role } from "../domain/model.ts";
import { builtInRoles } from "../domain/roles.ts";
import { sortedSet } from "../domain/bytewise.ts";
import { reachable } from "./reachable.ts";

/** Returns the permissions of a role by its name, inclusions expanded: a sorted set. */
export type RoleExpander = (role: string) => readonly string[];

/**
 * Makes the expander for the bindings of one project: built-in roles, those of the deployment, and the
 * custom roles of the project. An unresolved or unknown role holds nothing.
 */
export function createRoleExpander(roles: readonly Role[], project: Project): RoleExpander {
  const byName = bindableRoles(roles, project);
  const expanded = new Map<string, readonly string[]>();
  return (name) => {
    const known = expanded.get(name);
    if (known !== undefined) return known;
    const all = reachable([name], (role) => byName.get(role)?.includes ?? []);
    const permissions = sortedSet([...all].flatMap((role) => byName.get(role)?.permissions ?? []));
    expanded.set(name, permissions);
    return permissions;
  };
}

/**
 * The roles that the bindings of one project can name and that are not unresolved, by name: built-in roles,
 * those of the deployment, and the custom roles of the project.
 */
export function bindableRoles(roles: readonly Role[], project: Project): ReadonlyMap<string, Role> {
  const byName = new Map<string, Role>();
  for (const role of [...builtInRoles, ...roles, ...project.customRoles]) {
    if (!role.unresolved) byName.set(role.name, role);
  }
  return byName;
}
