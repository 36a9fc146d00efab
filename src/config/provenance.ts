import type { Configuration, Project } from "../domain/model.ts";
import { splitRealm } from "../domain/names.ts";
import type { BindableRole, BindingOrigin, Provenance } from "../domain/provenance.ts";
import { createProjectProvenance, type ProjectProvenance } from "./project-provenance.ts";

const noBindings: readonly BindingOrigin[] = Object.freeze([]);
const noRoles: readonly BindableRole[] = Object.freeze([]);
const noRealms: readonly string[] = Object.freeze([]);

/**
 * Makes the provenance of the configurations of all sources, by name; `unmanaged` stands for the groups that
 * are edited by hand. It agrees with expandConfigurations of the same: a permission is bound to a principal
 * under conditions in a realm exactly when a binding says so. Work is done at the first question that needs
 * it, a project at a time.
 */
export function createProvenance(configurations: ReadonlyMap<string, Configuration>): Provenance {
  const projects = new Map<string, { readonly source: string; readonly project: Project }>();
  for (const [source, configuration] of configurations) {
    for (const project of configuration.projects) projects.set(project.name, { source, project });
  }
  const opened = new Map<string, ProjectProvenance>();
  let sourcesOfGroups: ReadonlyMap<string, string> | undefined;

  function open(name: string): ProjectProvenance | undefined {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const found = projects.get(name);
    if (found === undefined) return undefined;
    const roles = [...configurations.values()].flatMap((configuration) => configuration.roles);
    const provenance = createProjectProvenance(found.source, found.project, roles);
    opened.set(name, provenance);
    return provenance;
  }

  return {
    bindingsOf(realm, permission) {
      const parts = splitRealm(realm);
      return open(parts.project)?.bindingsOf(parts.realm, permission) ?? noBindings;
    },
    rolesHolding: (project, permission) => open(project)?.rolesHolding(permission) ?? noRoles,
    hasRole: (project, role) => open(project)?.hasRole(role) ?? false,
    heirsOf(realm) {
      const parts = splitRealm(realm);
      return open(parts.project)?.heirsOf(parts.realm) ?? noRealms;
    },
    sourceOfGroup(group) {
      sourcesOfGroups ??= indexGroups(configurations);
      return sourcesOfGroups.get(group);
    },
    hasProject: (project) => projects.has(project),
  };
}

function indexGroups(
  configurations: ReadonlyMap<string, Configuration>,
): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const [source, configuration] of configurations) {
    for (const group of configuration.groups) sources.set(group.name, source);
  }
  return sources;
}
