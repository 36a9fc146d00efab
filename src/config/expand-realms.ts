import type { ExpandedBinding, ExpandedRealm } from "../domain/expanded.ts";
import type { Binding, Condition, Project } from "../domain/model.ts";
import { compareLists, sortByName, sortedSet } from "../domain/bytewise.ts";
import { compareConditions } from "../domain/canonical-order.ts";
import { canonicalConditions, conditionsKey } from "./canonical-bindings.ts";
import type { RoleExpander } from "./expand-roles.ts";
import {
  createRoleLists,
  type PermissionLists,
  type RoleList,
  type RoleLists,
} from "./role-lists.ts";
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
  shared: PermissionLists,
): Steps<readonly ExpandedRealm[]> {
  const lists = createRoleLists(permissionsOf, shared);
  const byName = new Map(project.realms.map((realm) => [realm.name, realm]));
  if (!byName.has("@root")) byName.set("@root", { name: "@root", extends: [], bindings: [] });
  const expanded: ExpandedRealm[] = [];
  for (const realm of sortByName(byName.values())) {
    yield;
    const ancestors = reachable([realm.name, "@root"], (name) => byName.get(name)?.extends ?? []);
    const bindings = [...ancestors].flatMap((name) => byName.get(name)?.bindings ?? []);
    expanded.push({
      name: `${project.name}:${realm.name}`,
      bindings: mergeBindings(bindings, permissionsOf, lists),
    });
  }
  return expanded;
}

/** The principals under one list of conditions, each with the roles that it has under them. */
interface ConditionGroup {
  readonly conditions: readonly Condition[];
  readonly rolesOf: Map<string, RoleList>;
}

function mergeBindings(
  bindings: readonly Binding[],
  roles: RoleExpander,
  lists: RoleLists,
): readonly ExpandedBinding[] {
  const groups = new Map<string, ConditionGroup>();
  for (const binding of bindings) {
    if (roles(binding.role).length === 0) continue;
    const conditions = canonicalConditions(binding.conditions);
    const key = conditions.length === 0 ? "" : conditionsKey(conditions);
    let group = groups.get(key);
    if (group === undefined) {
      group = { conditions, rolesOf: new Map() };
      groups.set(key, group);
    }
    for (const principal of binding.principals) {
      const before = group.rolesOf.get(principal);
      const after = lists.with(before, binding.role);
      if (after !== before) group.rolesOf.set(principal, after);
    }
  }
  const merged = [...groups.values()].flatMap(bindingsOfGroup).sort((left, right) => {
    const order = compareLists(left.permissions, right.permissions);
    return order === 0 ? compareConditions(left.conditions, right.conditions) : order;
  });
  // A copy has no room to spare, and there are thousands.
  return merged.slice();
}

function bindingsOfGroup({ conditions, rolesOf }: ConditionGroup): readonly ExpandedBinding[] {
  const byPermissions = new Map<readonly string[], string[]>();
  for (const [principal, { permissions }] of rolesOf) {
    const principals = byPermissions.get(permissions);
    if (principals === undefined) byPermissions.set(permissions, [principal]);
    else principals.push(principal);
  }
  return Array.from(byPermissions, ([permissions, principals]) => ({
    permissions,
    principals: sortedSet(principals),
    conditions,
  }));
}
