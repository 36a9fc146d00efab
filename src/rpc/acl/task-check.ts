import { invalidField } from "../../domain/errors.ts";
import { identityRule, parseIdentity } from "../../domain/identity.ts";
import { botId, fullRealmName, poolName, taskId } from "../../domain/names.ts";
import { checkTaskPerm, denyTask, taskPermission } from "../../engine/checker/check-task-perm.ts";
import type { Question } from "../../engine/delegation.ts";
import type { CheckTaskPermRequest, TaskInfo } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import {
  assertionOf,
  poolsAndBotsInQuestion,
  questionAbout,
  requireName,
  type AclCheck,
} from "./check.ts";

/** CheckTaskPerm. */
export const taskCheck: AclCheck<CheckTaskPermRequest> = {
  caller: ({ caller }) => ({ field: "caller", identity: caller }),
  permission: ({ permission }) => permission,
  question: ({ permission, task }) =>
    questionAbout(permission, tasksInQuestion(task === undefined ? [] : [task])),
  validate: ({ permission, task }) => {
    requireName("permission", permission, taskPermission);
    validateTask(required(task));
  },
  assertion: assertionOf,
  denied: (caller, { permission, task }) => denyTask(caller, permission, required(task)),
  decide: (snapshot, caller, { permission, task }) =>
    checkTaskPerm(snapshot, caller, permission, required(task)),
};

/** What a question names when it names tasks. As in the check, a bot counts only when there is no pool. */
export function tasksInQuestion(tasks: readonly TaskInfo[]): Partial<Question> {
  const [realms, pools, bots]: [string[], string[], string[]] = [[], [], []];
  for (const { realm, pool, botId: bot } of tasks) {
    if (realm !== "") realms.push(realm);
    if (pool !== "") pools.push(pool);
    else if (bot !== "") bots.push(bot);
  }
  return { realms, ...poolsAndBotsInQuestion(pools, bots) };
}

/** A field of a task that is malformed, and what a good one is. */
export interface TaskFault {
  readonly field: "task_id" | "realm" | "pool" | "bot_id" | "submitter";
  readonly rule: string;
}

/** The first malformed field of a task; undefined: there is none. */
export function findTaskFault(task: TaskInfo): TaskFault | undefined {
  const { realm, pool, submitter } = task;
  if (!taskId.test(task.taskId)) return { field: "task_id", rule: taskId.rule };
  if (realm !== "" && !fullRealmName.test(realm)) {
    return { field: "realm", rule: fullRealmName.rule };
  }
  if (pool !== "" && !poolName.test(pool)) return { field: "pool", rule: poolName.rule };
  if (task.botId !== "" && !botId.test(task.botId)) return { field: "bot_id", rule: botId.rule };
  if (submitter !== "" && parseIdentity(submitter) === undefined) {
    return { field: "submitter", rule: identityRule };
  }
  return undefined;
}

/** Throws INVALID_FIELD for the first malformed field of a task; the fields are named from `task` on. */
export function validateTask(task: TaskInfo): void {
  const fault = findTaskFault(task);
  if (fault !== undefined) throw invalidField(`task.${fault.field}`, fault.rule);
}

function required(task: TaskInfo | undefined): TaskInfo {
  if (task === undefined) throw invalidField("task", "must be set");
  return task;
}
