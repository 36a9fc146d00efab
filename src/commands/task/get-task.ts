import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { readTask, type TaskRecord } from "../../storage/credential/tasks.ts";
import { retrying } from "../../storage/transaction.ts";
import { noSuchSubject } from "../credential/require-permission.ts";
import { mayHandle } from "./lock-task.ts";
import { isOwnTask, requestedTask } from "./own-task.ts";

/** Reads a task. Fails with INVALID_FIELD and PERMISSION_REQUIRED. */
export async function getTask(
  { storage: { db } }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly taskId: string },
): Promise<TaskRecord> {
  const id = requestedTask(actor, input.taskId);
  const task = await retrying(async () => {
    const found = await readTask(db, { id });
    if (found === undefined || isOwnTask(actor, found)) return found;
    return (await mayHandle(db, snapshot, actor, found)) ? found : undefined;
  });
  if (task === undefined) {
    throw noSuchSubject(snapshot, actor, "fleetgate.tasks.manage", "task", id);
  }
  return task;
}
