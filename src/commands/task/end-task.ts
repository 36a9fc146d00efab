import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { finalTaskStates, type TaskState } from "../../domain/credential/task-states.ts";
import { invalidField } from "../../domain/errors.ts";
import { rootGroup } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { hasHeld } from "../../storage/credential/holds.ts";
import { readTask } from "../../storage/credential/tasks.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { noSuchSubject } from "../credential/require-permission.ts";
import { requireCurrentSession } from "./current-session.ts";
import { holderOf } from "./holder.ts";
import { endTaskAs, lockOwnTask } from "./lock-task.ts";
import { checkTaskId } from "./task-input.ts";
import { writerOf } from "../credential/writer-of.ts";

/**
 * Ends a task, whoever holds it. Nothing happens when it has ended already, or is not there any more and the actor has held it or may
 * manage every task. Fails with INVALID_FIELD and PERMISSION_REQUIRED.
 */
export async function endTask(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly taskId: string; readonly state: TaskState | undefined },
): Promise<void> {
  const { taskId, state } = input;
  checkTaskId(taskId);
  if (state === undefined || !finalTaskStates.has(state)) {
    throw invalidField("state", "must be SUCCEEDED, FAILED, CANCELED or TIMED_OUT");
  }
  const uid = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    await requireCurrentSession(tx, actor);
    const task = await lockOwnTask(tx, snapshot, actor, taskId);
    if (task === undefined) {
      if (await mayEndUnknown(tx, snapshot, actor, taskId)) return undefined;
      throw noSuchSubject(snapshot, actor, "fleetgate.tasks.manage", "task", taskId);
    }
    if (!finalTaskStates.has(task.state)) await endTaskAs(tx, actor, task, state, task.at);
    return task.uid;
  });
  if (uid !== undefined) await deps.makeKnown([uid]);
}

// Who has held one of this id, and finds that it is gone: not one that is there by now and is none of theirs.
async function mayEndUnknown(
  tx: Tx,
  { authDb }: Snapshot,
  actor: Actor,
  taskId: string,
): Promise<boolean> {
  if (actor.record === undefined && authDb.isMember(actor.identity, rootGroup)) return true;
  if ((await readTask(tx, { id: taskId })) !== undefined) return false;
  return hasHeld(tx, { taskId, holder: holderOf(actor) });
}
