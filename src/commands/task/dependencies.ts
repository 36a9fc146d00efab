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
  const found = await findTasks(tx, { ids: dependencies });
  const byId = new Map(found.map((task) => [task.id, task]));
  const isSeen = seenRealms(snapshot, actor, delegatedUser, taskId);
  return dependencies.map((id, index) => {
    const task = byId.get(id);
    if (task !== undefined && isSeen(task.realm)) return task.uid;
    throw invalidField(
      `dependencies[${index}]`,
      "must be a registered task that the peer may register or manage, or whose realm lets the delegated user (or the task) see it",
    );
  });
}

/** Whether findDependencies would find these very tasks for another registrar. */
export async function areFoundDependencies(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  {
    uids,
    delegatedUser,
    taskId,
  }: { readonly uids: readonly string[] } & Pick<Registration, "delegatedUser" | "taskId">,
): Promise<boolean> {
  const isSeen = seenRealms(snapshot, actor, delegatedUser, taskId);
  const found = await findTasks(tx, { uids });
  return found.length === uids.length && found.every(({ realm }) => isSeen(realm));
}

function seenRealms(
  snapshot: Snapshot,
  actor: Actor,
  user: Identity | undefined,
  taskId: string,
): (realm: string) => boolean {
  const reader = user ?? (`task:${taskId}` as Identity);
  return (realm) =>
    mayIn(snapshot, actor, "fleetgate.tasks.register", realm) ||
    mayIn(snapshot, actor, "fleetgate.tasks.manage", realm) ||
    snapshot.authDb.hasPermission(reader, "swarming.tasks.get", realm);
}
