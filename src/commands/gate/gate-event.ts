import type { AuditActor, NewAuditEvent } from "../../storage/credential/audit.ts";
import type { GateRow } from "../../storage/credential/gates.ts";

/** What the audit says of a lease on a gate. */
export function gateEvent(
  event: "gate_acquired" | "gate_released" | "gate_lapsed",
  actor: AuditActor,
  { area, holder, exclusive, reason, leaseUntil }: GateRow,
): NewAuditEvent {
  const ended = event === "gate_lapsed" ? { lease_until: leaseUntil.toISOString() } : {};
  return {
    ...{ event, actor, detail: { area, holder, exclusive, ...ended } },
    reason: reason === "" ? undefined : reason,
  };
}
