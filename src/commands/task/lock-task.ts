import type { Actor } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { TaskState } from "../../domain/credential/task-states.ts";
import { reportGraceMs } from "../../domain/credential/task-states.ts";
import { DomainError } from "../../domain/errors.ts";
import { appendAudit, type AuditActor } from "../../storage/credential/audit.ts";
import { hasHeld, releaseAllHolds } from "../../storage/credential/holds.ts";
import { bumpSubject, lockSubject } from "../../storage/credential/subjects.ts";
import { readTask, type TaskRecord } from "../../storage/credential/tasks.ts";
import type { Db, Tx } from "../../storage/storage.ts";
import { mayIn } from "../credential/require-permission.ts";
import { holderOf } from "./holder.ts";

/** Who does what the server does by itself. */
export const serverActor: AuditActor = { caller: "", source: "", requestId: "" };

/**
 * Locks the live task of an id and reads it: every write of a task begins with it. One whose deadline has passed is ended first, so that
 * nobody sees it executed after that. Undefined: there is none.
 */
export async function lockTask(tx: Tx, id: string): Promise<TaskRecord | undefined> {
  const locked = await lockSubject(tx, { kind: "task", id });
  if (locked === undefined) return undefined;
  const task = await readTaskAgain(tx, locked.row);
  if (!task.isOverdue) return task;
  await endTaskAs(tx, serverActor, task, "timed_out", task.deadline);
  return readTaskAgain(tx, task);
}

/**
 * The same for an actor that may handle the task, who is asked for before anything is locked: nobody can keep others from a task that is
 * none of theirs. `isOwn` lets go on, too. Undefined: there is none, or the actor may not.
 */
export async function lockOwnTask(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  id: string,
  isOwn: (task: TaskRecord) => boolean = () => false,
): Promise<TaskRecord | undefined> {
  const seen = await readTask(tx, { id });
  if (seen === undefined) return undefined;
  if (!isOwn(seen) && !(await mayHandle(tx, snapshot, actor, seen))) return undefined;
  const task = await lockTask(tx, id);
  // Another one may have come under the id meanwhile.
  return task?.uid === seen.uid ? task : undefined;
}

/** Reads a task that is known to be there. */
export async function readTaskAgain(
  tx: Tx,
  { uid }: { readonly uid: string },
): Promise<TaskRecord> {
  const task = await readTask(tx, { uid });
  if (task === undefined) throw new DomainError("INTERNAL_FAULT", "a task that was locked is gone");
  return task;
}

/** Ends a locked task at an instant, with all its holds: its token may report for some minutes from then, and URLs signed for it die. */
export async function endTaskAs(
  tx: Tx,
  actor: AuditActor,
  task: TaskRecord,
  state: TaskState,
  at: number,
): Promise<void> {
  await bumpSubject(
    tx,
    task,
    {
      state,
      epoch: task.epoch + 1n,
      ended_at: new Date(at),
      report_until: new Date(at + reportGraceMs),
    },
    { shrinks: true },
  );
  await releaseAllHolds(tx, task.uid, at);
  const event = state === "timed_out" && actor === serverActor ? "timed_out" : "ended";
  await appendAudit(tx, [
    {
      ...{ event, actor, identity: `task:${task.id}`, realm: task.realm },
      detail: { state, was: task.state },
    },
  ]);
}

/** Whether an actor may do with a task what its hosts may: it holds or has held it, or manages the tasks of its realm. */
export async function mayHandle(
  db: Db | Tx,
  snapshot: Snapshot,
  actor: Actor,
  task: Pick<TaskRecord, "id" | "uid" | "realm">,
): Promise<boolean> {
  if (mayIn(snapshot, actor, "fleetgate.tasks.manage", task.realm)) return true;
  return hasHeld(db, { taskId: task.id, holder: holderOf(actor) }, task.uid);
}
