import type { Actor } from "../../credentials/deps.ts";
import { DomainError } from "../../domain/errors.ts";
import { insertHold, readHold, renewHold } from "../../storage/credential/holds.ts";
import type { TaskRecord } from "../../storage/credential/tasks.ts";
import type { Tx } from "../../storage/storage.ts";
import { holderOf } from "./holder.ts";
import type { Registration } from "./registration.ts";

/** How many live holds a task may have. */
export const maxLiveHolds = 100;

/** The hold of a registration. */
export interface RegisteredHold {
  /** Milliseconds since 1970. */
  readonly leaseUntil: number;
  /** Whether it was registered before, and lives. */
  readonly isRepeat: boolean;
}

/**
 * Adds a hold to a locked task, or renews it if it is there. Fails with HOLD_RELEASED when it was released, or its lease ran out: a host that
 * was taken for lost comes back with another one. LIMIT_EXCEEDED: `holds`.
 */
export async function holdTask(
  tx: Tx,
  actor: Actor,
  { uid, holds }: TaskRecord,
  { taskId, holdId, leaseMs }: Registration,
): Promise<RegisteredHold> {
  const key = { taskId, holdId, holder: holderOf(actor) };
  const added = await insertHold(tx, key, uid, leaseMs);
  if (added !== undefined) {
    if (holds >= maxLiveHolds) throw tooManyHolds(taskId);
    return { leaseUntil: added, isRepeat: false };
  }
  const renewed = await renewHold(tx, key, uid, leaseMs);
  if (renewed !== undefined) return { leaseUntil: renewed, isRepeat: true };
  const hold = await readHold(tx, key);
  const why = hold?.isReleased === false ? "its lease ran out" : "it was released";
  const message = `hold ${holdId} cannot be registered: ${why}; take another hold id`;
  throw new DomainError("HOLD_RELEASED", message, { hold_id: holdId });
}

function tooManyHolds(taskId: string): DomainError {
  const message = `task ${taskId} has ${maxLiveHolds} live holds already; release one`;
  return new DomainError("LIMIT_EXCEEDED", message, { limit: "holds" });
}
