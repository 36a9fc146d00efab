import { isBuiltInRole } from "./known-roles.ts";
import type { ImportedConfig, ImportedProject, ImportedRole } from "./imported-config.ts";

/** Makes the test whether a role that a project binds grants anything, as far as is known. */
export function createGrantingTest(
  configuration: ImportedConfig,
): (project: ImportedProject, role: string) => boolean {
  const declared = toMap(configuration.roles);
  const custom = new Map(
    (configuration.projects ?? []).map(({ name, custom_roles }) => [name, toMap(custom_roles)]),
  );
  return (project, role) => {
    const ownRoles = custom.get(project.name);
    // Circles of roles were refused, but a role may be met on several ways.
    const seen = new Set<string>();
    const left = [role];
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (isBuiltInRole(name)) return true;
      if (seen.has(name)) continue;
      seen.add(name);
      const found = ownRoles?.get(name) ?? declared.get(name);
      if ((found?.permissions ?? []).length > 0) return true;
      left.push(...(found?.includes ?? []));
    }
    return false;
  };
}

function toMap(roles: readonly ImportedRole[] = []): ReadonlyMap<string, ImportedRole> {
  return new Map(roles.map((role) => [role.name, role]));
}
