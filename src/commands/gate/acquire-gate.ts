import { overlap } from "../../domain/credential/gate-areas.ts";
import { DomainError } from "../../domain/errors.ts";
import { quote } from "../../domain/quote.ts";
import { appendAudit, lockAudit, type AuditActor } from "../../storage/credential/audit.ts";
import {
  lockGates,
  notifyGates,
  putGate,
  readLiveGates,
  removeLapsedGates,
  type GateRow,
} from "../../storage/credential/gates.ts";
import { inShortWriteTransaction } from "../../storage/transaction.ts";
import { checkText } from "../input.ts";
import type { GateDeps } from "./deps.ts";
import { gateEvent } from "./gate-event.ts";
import { requestedGate, requestedLease, type GateNameInput } from "./requested-gate.ts";

/** What to close; see GateService.AcquireGate. */
export interface AcquireGateInput extends GateNameInput {
  readonly leaseMs: number | undefined;
  readonly exclusive: boolean;
  readonly reason: string;
}

/** A lease that was acquired, and from when on every replica that follows the database keeps it. */
export interface AcquiredGate {
  readonly gate: GateRow;
  readonly inForceAt: Date;
}

/**
 * After how many milliseconds a replica knows of a gate at the latest: a read of the leases takes less than two seconds, one may have begun
 * just before the gate was closed, and the next one begins a second after it.
 */
const knownAfterMs = 5_000;

/**
 * Closes a gate, or renews it for its holder, who may change why and whether others are kept out. This process keeps it before the
 * answer. `all` overlaps both other areas: who holds something for itself is alone with whatever it closes. Fails with INVALID_FIELD,
 * ALREADY_EXISTS, WRITE_CONFLICT and STORAGE_UNAVAILABLE, after which it is safe to repeat.
 */
export async function acquireGate(
  deps: GateDeps,
  actor: AuditActor,
  input: AcquireGateInput,
): Promise<AcquiredGate> {
  const name = requestedGate(input);
  const leaseMs = requestedLease(input.leaseMs);
  const { exclusive, reason } = input;
  checkText("reason", reason);
  const gate = await inShortWriteTransaction(deps.storage, async (tx) => {
    await lockGates(tx);
    const { gates: live } = await readLiveGates(tx);
    const others = live.filter(({ holder }) => holder !== name.holder);
    const rival = others.find(
      (other) => overlap(other.area, name.area) && (other.exclusive || exclusive),
    );
    if (rival !== undefined) throw heldByAnother(rival);
    // A renewal writes nothing that another one's migration may have locked.
    const isNew = !live.some(({ area, holder }) => area === name.area && holder === name.holder);
    if (isNew) await lockAudit(tx);
    const lapsed = isNew ? await removeLapsedGates(tx) : [];
    const put = await putGate(tx, {
      ...name,
      reason,
      exclusive,
      acquiredBy: actor.caller,
      leaseMs,
    });
    const events = lapsed.map((gone) => gateEvent("gate_lapsed", nobody, gone));
    if (isNew) events.push(gateEvent("gate_acquired", actor, put));
    await appendAudit(tx, events);
    await notifyGates(tx);
    return put;
  });
  const inForceAt = new Date(Math.ceil(deps.identifier.databaseNow()) + knownAfterMs);
  await deps.gates.refresh();
  return { gate, inForceAt };
}

const nobody: AuditActor = { caller: "", source: "", requestId: "" };

function heldByAnother({ area, holder, exclusive }: GateRow): DomainError {
  const how = exclusive ? "for itself" : "and it is wanted exclusively";
  const message = `gate of area ${area} is held by ${quote(holder)} ${how}; wait until it is released`;
  return new DomainError("ALREADY_EXISTS", message, {
    ...{ kind: "gate", name: holder, area, exclusive: String(exclusive) },
  });
}
