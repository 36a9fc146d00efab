import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { acquireGate } from "../../commands/gate/acquire-gate.ts";
import type { GateDeps } from "../../commands/gate/deps.ts";
import { listGates } from "../../commands/gate/list-gates.ts";
import { releaseGate } from "../../commands/gate/release-gate.ts";
import { renewGate } from "../../commands/gate/renew-gate.ts";
import type { GateArea as StoredArea } from "../../domain/credential/gate-areas.ts";
import {
  GateArea,
  type GateSchema,
  type GateService,
} from "../../gen/fleetgate/credential/v1/gate_service_pb.ts";
import type { GateRow } from "../../storage/credential/gates.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall, type CredentialCall } from "./begin-credential-call.ts";
import { durationMs } from "./duration-ms.ts";

/** The implementation of GateService. */
export function gateRoutes(deps: RpcDeps): ServiceImpl<typeof GateService> {
  const begin = (
    context: HandlerContext,
  ): { actor: CredentialCall["actor"]; gateDeps: GateDeps } => {
    const { area, actor } = beginCredentialCall(deps, context);
    const { commands, gates, identifier } = area;
    return { actor, gateDeps: { storage: commands.storage, gates, identifier } };
  };
  return {
    acquireGate: async ({ area, holder, lease, exclusive, reason }, context) => {
      const { actor, gateDeps } = begin(context);
      const { gate, inForceAt } = await acquireGate(gateDeps, actor, {
        ...{ area: storedAreas.get(area), holder, exclusive, reason },
        leaseMs: durationMs(lease),
      });
      return { gate: toGate(gate), inForceAt: timestampFromDate(inForceAt) };
    },
    renewGate: async ({ area, holder, lease }, context) => {
      const { gateDeps } = begin(context);
      const named = { area: storedAreas.get(area), holder };
      return { gate: toGate(await renewGate(gateDeps, { ...named, leaseMs: durationMs(lease) })) };
    },
    releaseGate: async ({ area, holder }, context) => {
      const { actor, gateDeps } = begin(context);
      await releaseGate(gateDeps, actor, { area: storedAreas.get(area), holder });
      return {};
    },
    listGates: async (_request, context) => {
      const { gateDeps } = begin(context);
      return { gates: (await listGates(gateDeps)).map(toGate) };
    },
  };
}

const areas: Readonly<Record<StoredArea, GateArea>> = {
  issue: GateArea.ISSUE,
  fleet: GateArea.FLEET,
  all: GateArea.ALL,
};

const storedAreas: ReadonlyMap<GateArea, StoredArea> = new Map([
  [GateArea.ISSUE, "issue"],
  [GateArea.FLEET, "fleet"],
  [GateArea.ALL, "all"],
]);

function toGate(row: GateRow): MessageInitShape<typeof GateSchema> {
  const { acquiredAt, leaseUntil, holder, reason, exclusive, acquiredBy } = row;
  return {
    ...{ area: areas[row.area], holder, reason, exclusive, acquiredBy },
    acquiredAt: timestampFromDate(acquiredAt),
    leaseUntil: timestampFromDate(leaseUntil),
  };
}
