import type { Project } from "../domain/model.ts";
import { splitRealm } from "../domain/names.ts";
import type { Policy } from "../domain/policy.ts";
import type { BindableRole, BindingOrigin, Provenance } from "../domain/provenance.ts";
import { createProjectProvenance, type ProjectProvenance } from "./project-provenance.ts";

const noBindings: readonly BindingOrigin[] = Object.freeze([]);
const noRoles: readonly BindableRole[] = Object.freeze([]);
const noRealms: readonly string[] = Object.freeze([]);

/** Where the realms and roles of policies come from; of groups the snapshot knows it. */
export type PolicyProvenance = Omit<Provenance, "sourceOfGroup">;

/**
 * Makes the provenance of the policies of all sources, by name. It agrees with expandPolicies of the same: a
 * permission is bound to a principal under conditions in a realm exactly when a binding says so. Work is done at
 * the first question that needs it, a project at a time.
 */
export function createProvenance(policies: ReadonlyMap<string, Policy>): PolicyProvenance {
  const projects = new Map<string, { readonly source: string; readonly project: Project }>();
  for (const [source, policy] of policies) {
    for (const project of policy.projects) projects.set(project.name, { source, project });
  }
  const opened = new Map<string, ProjectProvenance>();

  function open(name: string): ProjectProvenance | undefined {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const found = projects.get(name);
    if (found === undefined) return undefined;
    const roles = [...policies.values()].flatMap((policy) => policy.roles);
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
    hasProject: (project) => projects.has(project),
  };
}
