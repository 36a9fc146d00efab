import { isIdentity, isPermissionName, isPoolName, isRealmName, isTaskId } from "./names.ts";

/** What an asker says of a task. An empty text is absent. */
export interface TaskClaim {
  readonly task_id: string;
  readonly realm: string;
  readonly pool: string;
  readonly bot_id: string;
  readonly submitter: string;
}

/** A question about several pools. */
interface PoolsQuestion {
  readonly caller: string;
  readonly permission: string;
  readonly pools: readonly string[];
}

/** One question to AclService, by the name that BatchCheck gives to its kind. */
export type Question =
  | { readonly check: "server"; readonly caller: string; readonly permission: string }
  | {
      readonly check: "pool";
      readonly caller: string;
      readonly permission: string;
      readonly pool: string;
    }
  | ({ readonly check: "all_pools" } & PoolsQuestion)
  | ({ readonly check: "any_pools" } & PoolsQuestion)
  | ({ readonly check: "filter_pools" } & PoolsQuestion)
  | {
      readonly check: "task";
      readonly caller: string;
      readonly permission: string;
      readonly task: TaskClaim;
    }
  | {
      readonly check: "bot";
      readonly caller: string;
      readonly permission: string;
      readonly bot_id: string;
    }
  | { readonly check: "create_in_realm"; readonly caller: string; readonly realm: string }
  | { readonly check: "act_as"; readonly service_account: string; readonly realm: string };

/** The identity whose permission a question asks for. */
export function callerOf(question: Question): string {
  return question.check === "act_as" ? `user:${question.service_account}` : question.caller;
}

/** The permission that a question asks for. */
export function permissionOf(question: Question): string {
  switch (question.check) {
    case "create_in_realm":
      return "swarming.tasks.createInRealm";
    case "act_as":
      return "swarming.tasks.actAs";
    default:
      return question.permission;
  }
}

/** Whether every name in a question is well-formed, so that it can be asked at all. */
export function isWellFormed(question: Question): boolean {
  return (
    isIdentity(callerOf(question)) &&
    isPermissionName(permissionOf(question)) &&
    isObjectWellFormed(question)
  );
}

function isObjectWellFormed(question: Question): boolean {
  switch (question.check) {
    case "server":
      return true;
    case "pool":
      return isPoolName(question.pool);
    case "all_pools":
    case "any_pools":
      return question.pools.length > 0 && arePools(question.pools);
    case "filter_pools":
      return arePools(question.pools);
    case "task":
      return (
        ["swarming.tasks.get", "swarming.tasks.cancel"].includes(question.permission) &&
        isTaskWellFormed(question.task)
      );
    case "bot":
      return isPoolName(question.bot_id);
    default:
      return isRealmName(question.realm);
  }
}

function arePools(pools: readonly string[]): boolean {
  return pools.length <= 10_000 && pools.every((pool) => isPoolName(pool));
}

function isTaskWellFormed(task: TaskClaim): boolean {
  return (
    isTaskId(task.task_id) &&
    (task.realm === "" || isRealmName(task.realm)) &&
    (task.pool === "" || isPoolName(task.pool)) &&
    (task.bot_id === "" || isPoolName(task.bot_id)) &&
    (task.submitter === "" || isIdentity(task.submitter))
  );
}
