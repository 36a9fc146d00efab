import { lockOutGuards, type Guards } from "../../commands/guards.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Guards as GuardsMessage } from "../../gen/fleetgate/admin/v1/effects_pb.ts";

/** The guards that a request has. Fails with INVALID_FIELD. */
export function readGuards(guards: GuardsMessage | undefined): Guards {
  if (guards === undefined) return lockOutGuards;
  const { maxGained, maxLost, allowLockOut } = guards;
  requireCount("max_gained", maxGained);
  requireCount("max_lost", maxLost);
  return { maxGained, maxLost, allowLockOut };
}

function requireCount(field: string, count: number | undefined): void {
  if (count !== undefined && count < 0)
    throw invalidField(`guards.${field}`, "must not be negative");
}
