import type { Actor } from "../../credentials/deps.ts";
import { insertTask, type TaskRecord } from "../../storage/credential/tasks.ts";
import type { Tx } from "../../storage/storage.ts";
import { readTaskAgain } from "./lock-task.ts";
import type { Registration } from "./registration.ts";

/** What a task is created of. */
export interface TaskParts extends Omit<
  Registration,
  "timeLimitMs" | "holdId" | "leaseMs" | "token"
> {
  readonly timeLimitMs: number;
  /** The uids of the tasks on which it depends. */
  readonly dependencies: readonly string[];
}

/** Stores a task that has no hold and no token yet. Undefined: there is a live one of this id by now. */
export async function createTask(
  tx: Tx,
  actor: Pick<Actor, "caller">,
  uid: string,
  { taskId: id, realm, pool, botId, state, timeLimitMs, dependencies, ...said }: TaskParts,
): Promise<TaskRecord | undefined> {
  const { trust, ref, defaultRef, delegatedUser } = said;
  const isNew = await insertTask(tx, {
    ...{ uid, id, realm, pool, botId, state, trust, ref, defaultRef, delegatedUser },
    ...{ dependencies, timeLimitMs, createdBy: actor.caller },
  });
  return isNew ? readTaskAgain(tx, { uid }) : undefined;
}
