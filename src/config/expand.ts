import type { ExpandedConfiguration, ExpandedPolicy } from "../domain/expanded.ts";
import { defaultSettings, type Configuration } from "../domain/model.ts";
import type { Policy } from "../domain/policy.ts";
import { swarmingPermissions } from "../domain/permissions.ts";
import { sortedSet } from "../domain/bytewise.ts";
import { expandRealms } from "./expand-realms.ts";
import { createRoleExpander } from "./expand-roles.ts";
import { mergeConfigurations } from "./merge.ts";

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
  const merged = mergeConfigurations(Array.from(policies, (policy) => ({ ...policy, groups: [] })));
  return {
    settings: merged.settings ?? defaultSettings,
    permissions: sortedSet([
      ...swarmingPermissions,
      ...merged.permissions.map((permission) => permission.name),
    ]),
    realms: merged.projects.flatMap((project) =>
      expandRealms(project, createRoleExpander(merged.roles, project)),
    ),
    pools: merged.pools,
    botGroups: merged.botGroups,
  };
}
