import type { Role } from "./model.ts";

function role(
  name: string,
  permissions: readonly string[],
  includes: readonly string[] = [],
): Role {
  return { name, permissions, includes, unresolved: false };
}

/** The roles that every deployment has: the Swarming table. */
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
];
