import type { Actor } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { findTasks } from "../../storage/credential/tasks.ts";
import type { Tx } from "../../storage/storage.ts";
import { mayIn } from "../credential/require-permission.ts";
import type { Registration } from "./registration.ts";

/**
 * The uids of the tasks on which a new one depends. Each is a registered task that the registrar may register or manage, or that the
 * delegated user (without one, the new task) may see. Fails with INVALID_FIELD, the same for one that there is not.
 */
export async function findDependencies(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  {
    dependencies,
    delegatedUser,
    taskId,
  }: Pick<Registration, "dependencies" | "delegatedUser" | "taskId">,
): Promise<readonly string[]> {
  const found = new Map((await findTasks(tx, dependencies)).map((task) => [task.id, task]));
  const reader = delegatedUser ?? (`task:${taskId}` as Identity);
  const isSeen = (realm: string): boolean =>
    mayIn(snapshot, actor, "fleetgate.tasks.register", realm) ||
    mayIn(snapshot, actor, "fleetgate.tasks.manage", realm) ||
    snapshot.authDb.hasPermission(reader, "swarming.tasks.get", realm);
  return dependencies.map((id, index) => {
    const task = found.get(id);
    if (task !== undefined && isSeen(task.realm)) return task.uid;
    throw invalidField(
      `dependencies[${index}]`,
      "must be a registered task that the peer may register or manage, or whose realm lets the delegated user (or the task) see it",
    );
  });
}
