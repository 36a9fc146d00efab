import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import {
  countEarlyReleases,
  readHold,
  releaseHold as release,
  storeEarlyRelease,
  type HoldKey,
} from "../../storage/credential/holds.ts";
import { bumpSubject } from "../../storage/credential/subjects.ts";
import type { TaskRecord } from "../../storage/credential/tasks.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { requireCurrentSession } from "./current-session.ts";
import { holderOf } from "./holder.ts";
import { lockTask, readTaskAgain } from "./lock-task.ts";
import { mayInSomeRealm } from "../credential/may-in-some-realm.ts";
import { requestedUuid } from "../credential/fields.ts";
import { checkTaskId } from "./task-input.ts";
import { writerOf } from "../credential/writer-of.ts";

/** How many holds of one holder are remembered as released before they were registered. */
export const maxEarlyReleases = 1_000;

/**
 * Releases a hold of the actor; of others it takes nothing, and twice is as once. One that is not registered yet never will be, if the actor
 * may register tasks in some realm at all. Tells nobody whether there is such a task. Fails with INVALID_FIELD and LIMIT_EXCEEDED (`early_releases`).
 */
export async function releaseHold(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly taskId: string; readonly holdId: string },
): Promise<void> {
  checkTaskId(input.taskId);
  const holdId = requestedUuid("hold_id", input.holdId);
  const key = { taskId: input.taskId, holdId, holder: holderOf(actor) };
  const mayBeEarly = mayInSomeRealm(snapshot, actor, "fleetgate.tasks.register");
  const uid = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    await requireCurrentSession(tx, actor);
    const released = await releaseRegistered(tx, actor, key);
    if (released !== undefined || !mayBeEarly) return released;
    if (await storeEarly(tx, key)) return undefined;
    // It is there by now: it was registered or released meanwhile, or long ago.
    return releaseRegistered(tx, actor, key);
  });
  if (uid !== undefined) await deps.makeKnown([uid]);
}

// The uid of the task of which a live hold was released.
async function releaseRegistered(tx: Tx, actor: Actor, key: HoldKey): Promise<string | undefined> {
  // Nothing is locked for who has nothing to release.
  const hold = await readHold(tx, key);
  if (hold === undefined || hold.isReleased) return undefined;
  const before = await lockTask(tx, key.taskId);
  if (before === undefined || !(await release(tx, key, before.uid))) return undefined;
  const after = await readTaskAgain(tx, before);
  await tell(tx, before, after);
  await appendAudit(tx, [
    {
      ...{ event: "released", actor, identity: `task:${after.id}`, realm: after.realm },
      detail: { hold_id: key.holdId, holds: after.holds },
    },
  ]);
  return after.uid;
}

// Replicas keep the end of the last lease: what ends earlier than they know, they must hear of.
async function tell(tx: Tx, before: TaskRecord, after: TaskRecord): Promise<void> {
  if (after.heldUntil >= before.heldUntil) return;
  await bumpSubject(tx, after, {}, { shrinks: after.holds === 0 });
}

// False: there is a hold of this name.
async function storeEarly(tx: Tx, key: HoldKey): Promise<boolean> {
  if (!(await storeEarlyRelease(tx, key))) return false;
  const limit = maxEarlyReleases + 1;
  if ((await countEarlyReleases(tx, key.holder, limit)) <= maxEarlyReleases) return true;
  throw new DomainError(
    "LIMIT_EXCEEDED",
    `${maxEarlyReleases} holds of the peer are remembered as released before they were registered; this one is not`,
    { limit: "early_releases" },
  );
}
