import { poolsOfBot } from "./bots.ts";
import { isMember } from "./membership.ts";
import { callerOf, isWellFormed, permissionOf, type Question, type TaskClaim } from "./question.ts";
import { hasPermission } from "./realms.ts";
import type { World } from "./world.ts";

/** The answer to a question. `invalid`: it cannot be asked. Only a filter is answered by pools. */
export type Answer =
  | { readonly answer: "permitted" }
  | { readonly answer: "denied" }
  | { readonly answer: "invalid" }
  | { readonly answer: "filtered"; readonly pools: readonly string[] };

/** Answers a question about a world, straight from the rules. */
export function ask(world: World, question: Question): Answer {
  if (!isWellFormed(question)) return { answer: "invalid" };
  if (question.check === "filter_pools") {
    const pools = question.pools.filter((pool) =>
      mayInPool(world, question.caller, question.permission, pool),
    );
    return { answer: "filtered", pools };
  }
  return { answer: isPermitted(world, question) ? "permitted" : "denied" };
}

function isPermitted(
  world: World,
  question: Exclude<Question, { readonly check: "filter_pools" }>,
): boolean {
  const caller = callerOf(question);
  const permission = permissionOf(question);
  const may = (pool: string): boolean => mayInPool(world, caller, permission, pool);
  switch (question.check) {
    case "server":
      return mayAtServer(world, caller, permission);
    case "pool":
      return may(question.pool);
    case "all_pools":
      return question.pools.every(may);
    case "any_pools":
      return question.pools.some(may);
    case "task":
      return mayOnTask(world, caller, permission, question.task);
    case "bot":
      return mayAtServer(world, caller, permission) || poolsOfBot(world, question.bot_id).some(may);
    default:
      return hasPermission(world, caller, permission, question.realm);
  }
}

/** The server level: which of the six groups may do what. Everything else is for nobody. */
function mayAtServer(world: World, caller: string, permission: string): boolean {
  const settings = world.settings ?? {};
  const admins = settings.admins_group || "administrators";
  const bootstrap = settings.bot_bootstrap_group || admins;
  const privileged = settings.privileged_users_group || admins;
  const users = settings.users_group || admins;
  const allBots = settings.view_all_bots_group || admins;
  const allTasks = settings.view_all_tasks_group || admins;
  const groups: Readonly<Record<string, readonly string[]>> = {
    "swarming.tasks.get": [allTasks, privileged, admins],
    "swarming.pools.listTasks": [allTasks, privileged, admins],
    "swarming.pools.listBots": [allBots, privileged, admins],
    "swarming.pools.createBot": [bootstrap, admins],
    "swarming.tasks.cancel": [admins],
    "swarming.pools.cancelTask": [admins],
    "swarming.pools.deleteBot": [admins],
    "swarming.pools.terminateBot": [admins],
    "swarming.pools.createHighPriorityTask": [admins],
    "swarming.servers.peek": [admins, bootstrap, privileged, users, allBots, allTasks],
  };
  if (!Object.hasOwn(groups, permission)) return false;
  return (groups[permission] ?? []).some((group) => isMember(world, caller, group));
}

/** A pool: the server level, which covers pools that do not exist, else the realm of the pool. */
function mayInPool(world: World, caller: string, permission: string, poolName: string): boolean {
  if (mayAtServer(world, caller, permission)) return true;
  const pool = (world.pools ?? []).find(({ name }) => name === poolName);
  return pool !== undefined && hasPermission(world, caller, permission, pool.realm);
}

/**
 * A task: its submitter, the server level, the realm of the task, then its pool or the pools of its bot,
 * where the permission on the pool counts that stands for the permission on the task.
 */
function mayOnTask(world: World, caller: string, permission: string, task: TaskClaim): boolean {
  if (task.submitter !== "" && task.submitter === caller) return true;
  if (mayAtServer(world, caller, permission)) return true;
  if (task.realm !== "" && hasPermission(world, caller, permission, task.realm)) return true;
  const inPool =
    permission === "swarming.tasks.get" ? "swarming.pools.listTasks" : "swarming.pools.cancelTask";
  return poolsOfTask(world, task).some((pool) => mayInPool(world, caller, inPool, pool));
}

function poolsOfTask(world: World, task: TaskClaim): readonly string[] {
  if (task.pool !== "") return [task.pool];
  if (task.bot_id !== "") return poolsOfBot(world, task.bot_id);
  return [];
}
