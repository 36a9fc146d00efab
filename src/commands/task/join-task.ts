import type { Actor } from "../../credentials/deps.ts";
import { finalTaskStates } from "../../domain/credential/task-states.ts";
import { DomainError } from "../../domain/errors.ts";
import { parseIdentity, type Identity } from "../../domain/identity.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { readTask, type TaskRecord } from "../../storage/credential/tasks.ts";
import type { Tx } from "../../storage/storage.ts";
import { lockTask } from "./lock-task.ts";
import type { Registration } from "./registration.ts";
import { requireDelegation } from "./require-delegation.ts";

/**
 * Locks the task that a registration names, if there is one, for who may hold it; who may not is refused before anything is
 * locked or waited for. Undefined: there is none. Fails with ALREADY_EXISTS (it is of another realm), ON_BEHALF_OF_FORBIDDEN and
 * ILLEGAL_TRANSITION (it has ended).
 */
export async function joinTask(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  registration: Registration,
): Promise<TaskRecord | undefined> {
  const { taskId, realm } = registration;
  const seen = await readTask(tx, { id: taskId });
  if (seen === undefined) return undefined;
  if (seen.realm !== realm) {
    const message = `task ${taskId} is registered in another realm`;
    throw new DomainError("ALREADY_EXISTS", message, { kind: "task", name: taskId });
  }
  // Whoever adds a hold gets a token of the task, which speaks for its user too.
  requireDelegation(snapshot, actor, delegatedUserOf(seen), realm);
  const task = await lockTask(tx, taskId);
  // Its realm and its user never change, but another one may have come under the id meanwhile.
  if (task?.uid !== seen.uid) return undefined;
  if (finalTaskStates.has(task.state)) {
    const message = `task ${taskId} has ended (${task.state}); it cannot be registered again`;
    const metadata = { kind: "task", from: task.state, to: registration.state };
    throw new DomainError("ILLEGAL_TRANSITION", message, metadata);
  }
  return task;
}

function delegatedUserOf({ delegatedUser }: TaskRecord): Identity | undefined {
  if (delegatedUser === undefined) return undefined;
  const identity = parseIdentity(delegatedUser);
  // It was one when the task was registered.
  if (identity === undefined) throw new DomainError("INTERNAL_FAULT", "a task is of no user");
  return identity;
}
