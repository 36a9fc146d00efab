import type { ExpandedConfiguration, ExpandedPolicy, ExpandedRealm } from "../domain/expanded.ts";
import { defaultSettings, type Configuration, type Project, type Role } from "../domain/model.ts";
import type { Policy } from "../domain/policy.ts";
import { builtInPermissions } from "../domain/permissions.ts";
import { sortedSet } from "../domain/bytewise.ts";
import { isSameList } from "../domain/same-list.ts";
import { finish, type Steps } from "../domain/steps.ts";
import { expandRealms } from "./expand-realms.ts";
import { createRoleExpander } from "./expand-roles.ts";
import { mergeConfigurations } from "./merge.ts";
import { createPermissionLists } from "./role-lists.ts";

/**
 * Puts the valid configurations of all sources together and expands them: roles become permissions, and
 * realms get all that they inherit. The result does not depend on the order of the configurations.
 */
export function expandConfigurations(
  configurations: Iterable<Configuration>,
): ExpandedConfiguration {
  const all = [...configurations];
  return { ...expandPolicies(all), groups: mergeConfigurations(all).groups };
}

/** The same for what they hold apart from groups. */
export function expandPolicies(policies: Iterable<Policy>): ExpandedPolicy {
  return finish(expandPoliciesInSteps(policies));
}

/**
 * The same, realm by realm. A project that is the same object as in `before`, when the roles of the deployment are too, has
 * the very realms that it has there.
 */
export function* expandPoliciesInSteps(
  policies: Iterable<Policy>,
  before?: ExpandedPolicy,
): Steps<ExpandedPolicy> {
  const merged = mergeConfigurations(Array.from(policies, (policy) => ({ ...policy, groups: [] })));
  const { roles } = merged;
  const old = before && expansions.get(before);
  const known = old !== undefined && isSameList(old.roles, roles) ? old.realms : undefined;
  const lists = createPermissionLists();
  const realms = new Map<Project, readonly ExpandedRealm[]>();
  for (const project of merged.projects) {
    yield;
    const same = known?.get(project);
    const expand = createRoleExpander(roles, project);
    realms.set(project, same ?? (yield* expandRealms(project, expand, lists)));
  }
  const expanded = {
    settings: merged.settings ?? defaultSettings,
    permissions: sortedSet([
      ...builtInPermissions,
      ...merged.permissions.map((permission) => permission.name),
    ]),
    realms: [...realms.values()].flat(),
    pools: merged.pools,
    botGroups: merged.botGroups,
  };
  expansions.set(expanded, { roles, realms });
  return expanded;
}

/** What each project, which never changes, came to, and the roles of the deployment that it came to that with. */
interface Expansion {
  readonly roles: readonly Role[];
  readonly realms: ReadonlyMap<Project, readonly ExpandedRealm[]>;
}

// A change leaves most projects alone: they are the same objects afterwards.
const expansions = new WeakMap<ExpandedPolicy, Expansion>();
