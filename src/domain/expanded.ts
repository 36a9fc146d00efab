import type { BotGroup, Condition, Group, Pool, Settings } from "./model.ts";

/** A realm in which inheritance is written out and roles are replaced by their permissions. */
export interface ExpandedRealm {
  /** The full name, `project:realm`. */
  readonly name: string;
  readonly bindings: readonly ExpandedBinding[];
}

/** Gives permissions to principals (`group:name` or an identity) when all conditions hold. */
export interface ExpandedBinding {
  readonly permissions: readonly string[];
  readonly principals: readonly string[];
  readonly conditions: readonly Condition[];
}

/** All that is in force, as checks need it. The order of the lists does not matter. */
export interface ExpandedConfiguration {
  /** As configured: empty group names stand for their defaults. */
  readonly settings: Settings;
  /** The names of all declared permissions, the built-in ones included. */
  readonly permissions: readonly string[];
  readonly realms: readonly ExpandedRealm[];
  readonly pools: readonly Pool[];
  readonly botGroups: readonly BotGroup[];
  readonly groups: readonly Group[];
}

/** What is in force but for the groups: a change of groups leaves all of it as it is. */
export type ExpandedPolicy = Omit<ExpandedConfiguration, "groups">;
