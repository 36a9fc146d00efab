import type { ExpandedBinding, ExpandedRealm } from "../domain/expanded.ts";
import type { Binding, Condition, Project } from "../domain/model.ts";
import { compareLists, sortByName, sortedSet } from "../domain/bytewise.ts";
import { compareConditions } from "../domain/canonical-order.ts";
import { canonicalConditions, conditionsKey } from "./canonical-bindings.ts";
import type { RoleExpander } from "./expand-roles.ts";
import { reachable } from "./reachable.ts";
import type { Steps } from "../domain/steps.ts";

/**
 * Expands the realms of a project. `@root` is always among them; every realm has the bindings of `@root`
 * and of all that it extends, directly or not. In each realm a principal stands in one binding for each
 * list of conditions, and principals with the same permissions and conditions share one. The order of
 * realms and bindings depends on nothing but their content.
 */
export function* expandRealms(
  project: Project,
  permissionsOf: RoleExpander,
): Steps<readonly ExpandedRealm[]> {
  const byName = new Map(project.realms.map((realm) => [realm.name, realm]));
  if (!byName.has("@root")) byName.set("@root", { name: "@root", extends: [], bindings: [] });
  const expanded: ExpandedRealm[] = [];
  for (const realm of sortByName(byName.values())) {
    yield;
    const ancestors = reachable([realm.name, "@root"], (name) => byName.get(name)?.extends ?? []);
    const bindings = [...ancestors].flatMap((name) => byName.get(name)?.bindings ?? []);
    expanded.push({
      name: `${project.name}:${realm.name}`,
      bindings: mergeBindings(bindings, permissionsOf),
    });
  }
  return expanded;
}

/** The principals under one list of conditions, each with the roles that it has under them. */
interface ConditionGroup {
  readonly conditions: readonly Condition[];
  readonly rolesOf: Map<string, Set<string>>;
}

function mergeBindings(
  bindings: readonly Binding[],
  permissionsOf: RoleExpander,
): ExpandedBinding[] {
  const groups = new Map<string, ConditionGroup>();
  for (const binding of bindings) {
    if (permissionsOf(binding.role).length === 0) continue;
    const conditions = canonicalConditions(binding.conditions);
    const key = conditionsKey(conditions);
    const group = groups.get(key) ?? { conditions, rolesOf: new Map<string, Set<string>>() };
    groups.set(key, group);
    for (const principal of binding.principals) {
      const roles = group.rolesOf.get(principal);
      if (roles === undefined) group.rolesOf.set(principal, new Set([binding.role]));
      else roles.add(binding.role);
    }
  }
  return [...groups.values()]
    .flatMap((group) => bindingsOfGroup(group, permissionsOf))
    .sort((left, right) => {
      const order = compareLists(left.permissions, right.permissions);
      return order === 0 ? compareConditions(left.conditions, right.conditions) : order;
    });
}

function bindingsOfGroup(group: ConditionGroup, permissionsOf: RoleExpander): ExpandedBinding[] {
  // Most principals share few sets of roles: the union of permissions is made once for each of them.
  const byRoles = new Map<string, { roles: Set<string>; principals: string[] }>();
  for (const [principal, roles] of group.rolesOf) {
    const key = JSON.stringify(sortedSet(roles));
    const same = byRoles.get(key);
    if (same === undefined) byRoles.set(key, { roles, principals: [principal] });
    else same.principals.push(principal);
  }
  const byPermissions = new Map<string, { permissions: string[]; principals: string[][] }>();
  for (const { roles, principals } of byRoles.values()) {
    const permissions = sortedSet([...roles].flatMap((role) => permissionsOf(role)));
    const key = JSON.stringify(permissions);
    const same = byPermissions.get(key);
    if (same === undefined) byPermissions.set(key, { permissions, principals: [principals] });
    else same.principals.push(principals);
  }
  return [...byPermissions.values()].map(({ permissions, principals }) => ({
    permissions,
    principals: sortedSet(principals.flat()),
    conditions: group.conditions,
  }));
}
