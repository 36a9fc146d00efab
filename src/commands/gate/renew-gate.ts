import { DomainError } from "../../domain/errors.ts";
import { quote } from "../../domain/quote.ts";
import { notifyGates, renewGateRow, type GateRow } from "../../storage/credential/gates.ts";
import { inShortWriteTransaction } from "../../storage/transaction.ts";
import type { GateDeps } from "./deps.ts";
import { requestedGate, requestedLease, type GateNameInput } from "./requested-gate.ts";

/** Which lease to renew, and for how long from now. */
export interface RenewGateInput extends GateNameInput {
  readonly leaseMs: number | undefined;
}

/**
 * Renews a lease that lives. Fails with INVALID_FIELD, STORAGE_UNAVAILABLE, and NOT_FOUND when it ran out: the gate may have been open
 * since.
 */
export async function renewGate(deps: GateDeps, input: RenewGateInput): Promise<GateRow> {
  const name = requestedGate(input);
  const leaseMs = requestedLease(input.leaseMs);
  const gate = await inShortWriteTransaction(deps.storage, async (tx) => {
    const renewed = await renewGateRow(tx, name, leaseMs);
    if (renewed !== undefined) await notifyGates(tx);
    return renewed;
  });
  if (gate === undefined) {
    const { area, holder } = name;
    const message = `${quote(holder)} holds no gate of area ${area}, or not any more; acquire it`;
    throw new DomainError("NOT_FOUND", message, { kind: "gate", name: holder, area });
  }
  await deps.gates.refresh();
  return gate;
}
