import { invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { taskPermissionTwins } from "../../domain/permissions.ts";
import type { NameRule } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import { deny, permitted, type Decision } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import { hasServerPerm } from "./has-server-perm.ts";
import { createPoolTest } from "./pool-test.ts";

/** What the asker knows of a task; "" where it knows nothing. */
export interface TaskInfo {
  /** Only shown. */
  readonly taskId: string;
  readonly realm: string;
  readonly pool: string;
  /** Counts only when there is no pool. */
  readonly botId: string;
  readonly submitter: string;
}

/** The permission in a question about a task. */
export const taskPermission: NameRule = {
  test: (text) => taskPermissionTwins.has(text),
  rule: `must be ${[...taskPermissionTwins.keys()].map(quote).join(" or ")}`,
};

/**
 * Checks a permission on a task, in this order: the caller submitted it (the text compared exactly); the
 * server level; the realm of the task; the pool, or else the pools of the bot, with the pool-level twin of
 * the permission. Throws INVALID_FIELD, whoever asks, for a permission that is no taskPermission.
 */
export function checkTaskPerm(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
  task: TaskInfo,
): Decision {
  const twin = taskPermissionTwins.get(permission);
  if (twin === undefined) throw invalidField("permission", taskPermission.rule);
  if (
    (task.submitter !== "" && task.submitter === caller) ||
    hasServerPerm(snapshot, caller, permission) ||
    (task.realm !== "" && snapshot.authDb.hasPermission(caller, permission, task.realm)) ||
    poolsOfTask(snapshot, task).some(createPoolTest(snapshot, caller, twin))
  ) {
    return permitted;
  }
  return deny(caller, permission, `on task ${quote(task.taskId)}`, { task: task.taskId });
}

/** A pool decides alone, even an unknown one. */
function poolsOfTask(snapshot: Snapshot, task: TaskInfo): readonly string[] {
  if (task.pool !== "") return [task.pool];
  return task.botId === "" ? [] : snapshot.fleet.poolsOfBot(task.botId);
}
