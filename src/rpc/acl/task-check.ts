import { invalidField } from "../../domain/errors.ts";
import { identityRule, parseIdentity } from "../../domain/identity.ts";
import { botId, fullRealmName, poolName, taskId } from "../../domain/names.ts";
import { checkTaskPerm, taskPermission } from "../../engine/checker/check-task-perm.ts";
import type { Question } from "../../engine/delegation.ts";
import type { CheckTaskPermRequest, TaskInfo } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import {
  botInQuestion,
  poolsInQuestion,
  questionAbout,
  requireName,
  type AclCheck,
} from "./check.ts";

/** CheckTaskPerm. */
export const taskCheck: AclCheck<CheckTaskPermRequest> = {
  caller: ({ caller }) => ({ field: "caller", identity: caller }),
  question: ({ permission, task }) => questionAbout(permission, taskInQuestion(task)),
  validate: ({ permission, task }) => {
    requireName("permission", permission, taskPermission);
    validateTask(required(task));
  },
  decide: (snapshot, caller, { permission, task }) =>
    checkTaskPerm(snapshot, caller, permission, required(task)),
};

// As in the check, a bot counts only when there is no pool.
function taskInQuestion(task: TaskInfo | undefined): Partial<Question> {
  if (task === undefined) return {};
  const { realm, pool } = task;
  if (pool !== "") return { realm, ...poolsInQuestion([pool]) };
  return task.botId === "" ? { realm } : { realm, ...botInQuestion(task.botId) };
}

/** Throws INVALID_FIELD for the first malformed field of a task; the fields are named from `task` on. */
export function validateTask(task: TaskInfo): void {
  requireName("task.task_id", task.taskId, taskId);
  if (task.realm !== "") requireName("task.realm", task.realm, fullRealmName);
  if (task.pool !== "") requireName("task.pool", task.pool, poolName);
  if (task.botId !== "") requireName("task.bot_id", task.botId, botId);
  if (task.submitter !== "" && parseIdentity(task.submitter) === undefined) {
    throw invalidField("task.submitter", identityRule);
  }
}

function required(task: TaskInfo | undefined): TaskInfo {
  if (task === undefined) throw invalidField("task", "must be set");
  return task;
}
