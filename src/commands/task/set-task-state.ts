import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { judgeTaskStep, type TaskState } from "../../domain/credential/task-states.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { bumpSubject } from "../../storage/credential/subjects.ts";
import type { TaskRecord } from "../../storage/credential/tasks.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { noSuchSubject } from "../credential/require-permission.ts";
import { requireCurrentSession } from "./current-session.ts";
import { lockOwnTask, readTaskAgain } from "./lock-task.ts";
import { isOwnTask, requestedTask } from "./own-task.ts";
import { writerOf } from "../credential/writer-of.ts";

/**
 * Says that a task begins or is to stop. The task itself may only say that it begins. To one that has ended it is of no interest. Fails with
 * INVALID_FIELD, PERMISSION_REQUIRED and ILLEGAL_TRANSITION.
 */
export async function setTaskState(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly taskId: string; readonly state: TaskState | undefined },
): Promise<TaskRecord> {
  const id = requestedTask(actor, input.taskId);
  const { state } = input;
  if (state !== "running" && state !== "canceling") {
    throw invalidField("state", "must be RUNNING or CANCELING; EndTask says how a task ended");
  }
  const task = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    await requireCurrentSession(tx, actor);
    const isOwn = (task: TaskRecord) => state === "running" && isOwnTask(actor, task);
    const found = await lockOwnTask(tx, snapshot, actor, id, isOwn);
    if (found === undefined) {
      throw noSuchSubject(snapshot, actor, "fleetgate.tasks.manage", "task", id);
    }
    return step(tx, actor, found, state);
  });
  await deps.makeKnown([task.uid]);
  return task;
}

async function step(
  tx: Tx,
  actor: Actor,
  task: TaskRecord,
  state: "running" | "canceling",
): Promise<TaskRecord> {
  const { state: from } = task;
  const judged = judgeTaskStep(from, state);
  if (judged === "illegal") {
    const message = `task ${task.id} is ${from} and cannot become ${state}`;
    throw new DomainError("ILLEGAL_TRANSITION", message, { kind: "task", from, to: state });
  }
  if (judged !== "moves") return task;
  await bumpSubject(tx, task, { state }, { shrinks: state === "canceling" });
  const identity = `task:${task.id}`;
  const detail = { from, to: state };
  await appendAudit(tx, [{ event: "task_state", actor, identity, realm: task.realm, detail }]);
  return readTaskAgain(tx, task);
}
