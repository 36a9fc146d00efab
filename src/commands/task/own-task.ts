import type { Actor } from "../../credentials/deps.ts";
import { checkTaskId } from "./task-input.ts";

/** The task that a request means: an empty id is the task whose credential the actor has. Fails with INVALID_FIELD. */
export function requestedTask({ record }: Actor, taskId: string): string {
  if (taskId === "" && record?.subject.kind === "task") return record.subject.id;
  checkTaskId(taskId);
  return taskId;
}

/** Whether the actor came by the token of this very task, not of one that had its id before. */
export function isOwnTask({ record }: Actor, { uid }: { readonly uid: string }): boolean {
  return record?.kind === "task" && record.subject.uid === uid;
}
