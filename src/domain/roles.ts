import type { Role } from "./model.ts";

function role(
  name: string,
  permissions: readonly string[],
  includes: readonly string[] = [],
): Role {
  return { name, permissions, includes, unresolved: false };
}

/** The roles that every deployment has: the Swarming table, and those of Fleetgate's own permissions. */
export const builtInRoles: readonly Role[] = [
  role("role/swarming.taskServiceAccount", ["swarming.tasks.actAs"]),
  role("role/swarming.taskViewer", ["swarming.tasks.get"]),
  role("role/swarming.taskTriggerer", [
    "swarming.tasks.cancel",
    "swarming.tasks.createInRealm",
    "swarming.tasks.get",
  ]),
  role("role/swarming.poolViewer", ["swarming.pools.listBots", "swarming.pools.listTasks"]),
  role("role/swarming.poolUser", ["swarming.pools.createTask"]),
  role(
    "role/swarming.poolOwner",
    [
      "swarming.pools.cancelTask",
      "swarming.pools.createBot",
      "swarming.pools.deleteBot",
      "swarming.pools.terminateBot",
    ],
    ["role/swarming.poolViewer"],
  ),
  role("role/fleetgate.provisioner", ["fleetgate.bots.manage"]),
  role("role/fleetgate.runnerManager", ["fleetgate.runners.manage"]),
  role("role/fleetgate.executionHost", ["fleetgate.tasks.register"]),
  role("role/fleetgate.taskManager", ["fleetgate.tasks.manage"]),
  role("role/fleetgate.relyingService", ["fleetgate.callers.identify", "fleetgate.urls.sign"]),
  role("role/fleetgate.credentialAuditor", ["fleetgate.credentials.introspect"]),
  role("role/fleetgate.credentialAdmin", [
    "fleetgate.credentials.introspect",
    "fleetgate.credentials.revoke",
  ]),
];
