import type { Settings } from "../domain/model.ts";
import { rootGroup } from "../domain/names.ts";
import type { swarmingPermissions } from "../domain/permissions.ts";

/** The six settings that name a group of the server level. */
export type GroupSetting = Exclude<
  keyof Settings,
  "delegations" | "readersGroup" | "reasonRequired"
>;

// Which groups have a permission at the server level. Every built-in permission is listed; it has no
// server level when its list is empty, and then not even admins have it.
const table: Readonly<Record<(typeof swarmingPermissions)[number], readonly GroupSetting[]>> = {
  "swarming.tasks.get": ["viewAllTasksGroup", "privilegedUsersGroup", "adminsGroup"],
  "swarming.pools.listTasks": ["viewAllTasksGroup", "privilegedUsersGroup", "adminsGroup"],
  "swarming.pools.listBots": ["viewAllBotsGroup", "privilegedUsersGroup", "adminsGroup"],
  "swarming.pools.createBot": ["botBootstrapGroup", "adminsGroup"],
  "swarming.tasks.cancel": ["adminsGroup"],
  "swarming.pools.cancelTask": ["adminsGroup"],
  "swarming.pools.deleteBot": ["adminsGroup"],
  "swarming.pools.terminateBot": ["adminsGroup"],
  "swarming.pools.createHighPriorityTask": ["adminsGroup"],
  "swarming.servers.peek": [
    "adminsGroup",
    "botBootstrapGroup",
    "privilegedUsersGroup",
    "usersGroup",
    "viewAllBotsGroup",
    "viewAllTasksGroup",
  ],
  "swarming.pools.createTask": [],
  "swarming.tasks.createInRealm": [],
  "swarming.tasks.actAs": [],
};

/** The groups that have a permission at the server level, for every permission that some group has there. */
export function createServerLevel(settings: Settings): ReadonlyMap<string, readonly string[]> {
  const admins = settings.adminsGroup || rootGroup;
  const level = new Map<string, readonly string[]>();
  for (const [permission, groups] of Object.entries(table)) {
    if (groups.length === 0) continue;
    const names = new Set(groups.map((group) => settings[group] || admins));
    level.set(permission, Object.freeze([...names]));
  }
  return level;
}

/**
 * The settings by which a group has a permission at the server level, in the order of the table. One that is
 * left to its default is not among them, but for that of the admins.
 */
export function settingsThatGive(
  settings: Settings,
  permission: string,
  group: string,
): readonly GroupSetting[] {
  if (!isInTable(permission)) return [];
  const admins = settings.adminsGroup || rootGroup;
  return table[permission].filter(
    (setting) => (setting === "adminsGroup" ? admins : settings[setting]) === group,
  );
}

function isInTable(permission: string): permission is keyof typeof table {
  return Object.hasOwn(table, permission);
}
