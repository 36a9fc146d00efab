import { appendAudit, lockAudit, type AuditActor } from "../../storage/credential/audit.ts";
import { notifyGates, removeGate } from "../../storage/credential/gates.ts";
import { inShortWriteTransaction } from "../../storage/transaction.ts";
import type { GateDeps } from "./deps.ts";
import { gateEvent } from "./gate-event.ts";
import { requestedGate, type GateNameInput } from "./requested-gate.ts";

/**
 * Gives a lease up; that there is none is no error. This process knows before the answer. Fails with INVALID_FIELD,
 * WRITE_CONFLICT and STORAGE_UNAVAILABLE.
 */
export async function releaseGate(
  deps: GateDeps,
  actor: AuditActor,
  input: GateNameInput,
): Promise<void> {
  const name = requestedGate(input);
  await inShortWriteTransaction(deps.storage, async (tx) => {
    await lockAudit(tx);
    const gone = await removeGate(tx, name);
    if (gone === undefined) return;
    const event = gone.lapsed ? "gate_lapsed" : "gate_released";
    await appendAudit(tx, [gateEvent(event, actor, gone)]);
    await notifyGates(tx);
  });
  await deps.gates.refresh();
}
