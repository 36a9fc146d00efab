import type { World, WorldProject, WorldRole } from "./world.ts";

/** The permissions that every deployment declares. */
const swarmingPermissions: readonly string[] = [
  "swarming.tasks.get",
  "swarming.tasks.cancel",
  "swarming.tasks.actAs",
  "swarming.tasks.createInRealm",
  "swarming.pools.listBots",
  "swarming.pools.listTasks",
  "swarming.pools.createBot",
  "swarming.pools.deleteBot",
  "swarming.pools.terminateBot",
  "swarming.pools.createTask",
  "swarming.pools.cancelTask",
  "swarming.pools.createHighPriorityTask",
  "swarming.servers.peek",
];

/** The roles that every deployment has. */
const swarmingRoles: readonly WorldRole[] = [
  { name: "role/swarming.taskServiceAccount", permissions: ["swarming.tasks.actAs"] },
  { name: "role/swarming.taskViewer", permissions: ["swarming.tasks.get"] },
  {
    name: "role/swarming.taskTriggerer",
    permissions: ["swarming.tasks.get", "swarming.tasks.createInRealm", "swarming.tasks.cancel"],
  },
  {
    name: "role/swarming.poolViewer",
    permissions: ["swarming.pools.listBots", "swarming.pools.listTasks"],
  },
  { name: "role/swarming.poolUser", permissions: ["swarming.pools.createTask"] },
  {
    name: "role/swarming.poolOwner",
    permissions: [
      "swarming.pools.cancelTask",
      "swarming.pools.createBot",
      "swarming.pools.deleteBot",
      "swarming.pools.terminateBot",
    ],
    includes: ["role/swarming.poolViewer"],
  },
];

/** Whether a permission is declared, by Fleetgate or by the configuration. */
export function isDeclared(world: World, permission: string): boolean {
  return (
    swarmingPermissions.includes(permission) ||
    (world.permissions ?? []).some((declared) => declared.name === permission)
  );
}

/**
 * Whether a role, as a project binds it, has a permission: its own, or one of a role that it includes.
 * A custom role is known in its own project only. An unresolved or unknown role has none.
 */
export function roleGrants(
  world: World,
  project: WorldProject,
  roleName: string,
  permission: string,
): boolean {
  const known = roleName.startsWith("customRole/")
    ? (project.custom_roles ?? [])
    : [...swarmingRoles, ...(world.roles ?? [])];
  const role = known.find((candidate) => candidate.name === roleName);
  if (role === undefined || role.unresolved === true) return false;
  return (
    (role.permissions ?? []).includes(permission) ||
    (role.includes ?? []).some((included) => roleGrants(world, project, included, permission))
  );
}
