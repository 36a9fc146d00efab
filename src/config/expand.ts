import {
  defaultSettings,
  type BotGroup,
  type Configuration,
  type Group,
  type Pool,
  type Settings,
} from "../domain/model.ts";
import { swarmingPermissions } from "../domain/permissions.ts";
import { sortedSet } from "./bytewise.ts";
import { expandRealms, type ExpandedRealm } from "./expand-realms.ts";
import { createRoleExpander } from "./expand-roles.ts";
import { mergeConfigurations } from "./merge.ts";

export type { ExpandedBinding, ExpandedRealm } from "./expand-realms.ts";

/** What is in force: all that a snapshot is made of, except its revision. */
export interface ExpandedConfiguration {
  /** As configured: defaults are not applied to empty group names. */
  readonly settings: Settings;
  /** The names of all declared permissions, the built-in ones included. */
  readonly permissions: readonly string[];
  readonly realms: readonly ExpandedRealm[];
  readonly pools: readonly Pool[];
  readonly botGroups: readonly BotGroup[];
  readonly groups: readonly Group[];
}

/**
 * Puts the valid configurations of all sources together and expands them: roles become permissions, and
 * realms get all that they inherit. The result does not depend on the order of the configurations.
 */
export function expandConfigurations(
  configurations: Iterable<Configuration>,
): ExpandedConfiguration {
  const merged = mergeConfigurations(configurations);
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
    groups: merged.groups,
  };
}
