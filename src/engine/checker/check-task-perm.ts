import { invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { taskPermissionTwins } from "../../domain/permissions.ts";
import type { NameRule } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import { deny, permitAll, permitted, type Decision, type Denied } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import { createAnyPoolTest } from "./any-pool-test.ts";
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
  const twin = twinOf(permission);
  if (
    (task.submitter !== "" && task.submitter === caller) ||
    hasServerPerm(snapshot, caller, permission) ||
    (task.realm !== "" && snapshot.authDb.hasPermission(caller, permission, task.realm)) ||
    poolsOfTask(snapshot, task).some(createPoolTest(snapshot, caller, twin))
  ) {
    return permitted;
  }
  return denyTask(caller, permission, task);
}

/** The denial of checkTaskPerm: it depends on nothing but the question. */
export function denyTask(caller: Identity, permission: string, { taskId }: TaskInfo): Denied {
  return deny(caller, permission, () => `on task ${quote(taskId)}`, { task: taskId });
}

/**
 * Creates the test whether checkTaskPerm permits, for many tasks: what they share is looked up once. Throws as
 * checkTaskPerm.
 */
export function createTaskPermTest(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
): (task: TaskInfo) => boolean {
  const twin = twinOf(permission);
  if (hasServerPerm(snapshot, caller, permission)) return permitAll;
  const isPermittedInRealm = createRealmTest(snapshot, caller, permission);
  const isPermittedInPool = createPoolTest(snapshot, caller, twin);
  const isPermittedInAny = createAnyPoolTest(snapshot, caller, twin);
  return (task) => {
    if (task.submitter !== "" && task.submitter === caller) return true;
    if (task.realm !== "" && isPermittedInRealm(task.realm)) return true;
    if (task.pool !== "") return isPermittedInPool(task.pool);
    return task.botId !== "" && isPermittedInAny(snapshot.fleet.poolsOfBot(task.botId));
  };
}

function twinOf(permission: string): string {
  const twin = taskPermissionTwins.get(permission);
  if (twin === undefined) throw invalidField("permission", taskPermission.rule);
  return twin;
}

/** Each realm is asked about once. */
function createRealmTest(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
): (realm: string) => boolean {
  const answers = new Map<string, boolean>();
  return (realm) => {
    let answer = answers.get(realm);
    if (answer === undefined) {
      answer = snapshot.authDb.hasPermission(caller, permission, realm);
      answers.set(realm, answer);
    }
    return answer;
  };
}

/** A pool decides alone, even an unknown one. */
function poolsOfTask(snapshot: Snapshot, task: TaskInfo): readonly string[] {
  if (task.pool !== "") return [task.pool];
  return task.botId === "" ? [] : snapshot.fleet.poolsOfBot(task.botId);
}
