import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { TaskState } from "../../domain/credential/task-states.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import {
  readHeldRealms,
  renewHolds as renew,
  type HeldName,
} from "../../storage/credential/renew-holds.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { mayIn } from "../credential/require-permission.ts";
import { requireCurrentSession } from "./current-session.ts";
import { holderOf } from "./holder.ts";
import { requestedUuid } from "../credential/fields.ts";
import { checkTaskId, readLease } from "./task-input.ts";
import { writerOf } from "../credential/writer-of.ts";

/** How many holds one request may renew. */
export const maxRenewed = 1_000;

/** What became of one hold. */
export interface HoldOutcome {
  /** Until when it lives, milliseconds since 1970; undefined: the actor has no such live hold. */
  readonly leaseUntil: number | undefined;
  /** How far its task is; undefined: the actor never had such a hold. */
  readonly state: TaskState | undefined;
}

/** Renews the leases of holds of the actor, in the order of the request. What has run out stays so, and what is
 * held in a realm where the actor may register tasks no more runs out. Fails with
 * INVALID_FIELD, and with CREDENTIAL_REQUIRED when the session of a bot has ended just now. */
export async function renewHolds(
  { storage }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly holds: readonly HeldName[]; readonly leaseMs: number | undefined },
): Promise<readonly HoldOutcome[]> {
  const leaseMs = readLease(input.leaseMs);
  if (input.holds.length < 1 || input.holds.length > maxRenewed) {
    throw invalidField("holds", "must be 1 to 1,000");
  }
  const names = input.holds.map(({ taskId, holdId }, index) => {
    checkTaskId(taskId, `holds[${index}].task_id`);
    return { taskId, holdId: requestedUuid(`holds[${index}].hold_id`, holdId) };
  });
  const renewed = await inCredentialTransaction(storage, writerOf(actor), async (tx) => {
    await requireCurrentSession(tx, actor);
    const holder = holderOf(actor);
    const realms = (await readHeldRealms(tx, holder, names)).filter((realm) =>
      mayIn(snapshot, actor, "fleetgate.tasks.register", realm),
    );
    return renew(tx, holder, names, { leaseMs, realms });
  });
  const outcomes = new Map(renewed.map((hold) => [nameOf(hold), hold]));
  return names.map((name) => {
    const outcome = outcomes.get(nameOf(name));
    return { leaseUntil: outcome?.leaseUntil, state: outcome?.state };
  });
}

function nameOf({ taskId, holdId }: HeldName): string {
  return `${taskId} ${holdId}`;
}
