/** The Swarming permissions, declared in every deployment. */
export const swarmingPermissions = [
  "swarming.pools.cancelTask",
  "swarming.pools.createBot",
  "swarming.pools.createHighPriorityTask",
  "swarming.pools.createTask",
  "swarming.pools.deleteBot",
  "swarming.pools.listBots",
  "swarming.pools.listTasks",
  "swarming.pools.terminateBot",
  "swarming.servers.peek",
  "swarming.tasks.actAs",
  "swarming.tasks.cancel",
  "swarming.tasks.createInRealm",
  "swarming.tasks.get",
] as const;

/** The permission that CheckCreateInRealm asks for. */
export const createInRealmPermission = "swarming.tasks.createInRealm";

/** The permission that CheckActAs asks for. */
export const actAsPermission = "swarming.tasks.actAs";

/** The permissions on a task, each with the pool-level permission that grants it too (docs/semantics.md §7). */
export const taskPermissionTwins: ReadonlyMap<string, string> = new Map([
  ["swarming.tasks.get", "swarming.pools.listTasks"],
  ["swarming.tasks.cancel", "swarming.pools.cancelTask"],
]);

/** Fleetgate's own permissions on bots, tasks and their credentials, declared in every deployment. */
export const fleetgatePermissions = [
  "fleetgate.bots.manage",
  "fleetgate.callers.identify",
  "fleetgate.credentials.introspect",
  "fleetgate.credentials.revoke",
  "fleetgate.runners.manage",
  "fleetgate.tasks.manage",
  "fleetgate.tasks.register",
  "fleetgate.tasks.report",
  "fleetgate.urls.sign",
] as const;

/** One of Fleetgate's own permissions. */
export type FleetgatePermission = (typeof fleetgatePermissions)[number];

/** What every deployment declares. */
export const builtInPermissions: readonly string[] = [
  ...swarmingPermissions,
  ...fleetgatePermissions,
];
