import { durationFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  GateService,
  type AcquireGateResponse,
  type GateArea,
} from "../../gen/fleetgate/credential/v1/gate_service_pb.ts";
import type { Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { leaseMs } from "./keep-lease.ts";

/** What to hold, and as whom. */
export interface GateToHold {
  readonly area: GateArea;
  readonly holder: string;
  readonly reason: string;
  readonly exclusive: boolean;
}

/** The calls about one gate. Each has a connection of its own, since one may be lost while the gate is held. */
export interface HeldGate {
  /** Acquires it, and says after how many milliseconds it is in force everywhere. */
  readonly acquire: () => Promise<number>;
  readonly renew: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** The longest that one renewal may take: a call that hangs must leave time for another one. */
const maxRenewMs = 10_000;

/** The calls about a gate. */
export function heldGate(cli: Cli, { area, holder, reason, exclusive }: GateToHold): HeldGate {
  const lease = durationFromMs(leaseMs);
  const later = quietCli(cli);
  let calls = 0;
  return {
    acquire: async () => {
      calls += 1;
      const response = await withConnection(calls === 1 ? cli : later, (connection) =>
        connection.client(GateService).acquireGate({ area, holder, reason, exclusive, lease }),
      );
      return delayOf(response);
    },
    renew: async () => {
      await withConnection(later, (connection) =>
        connection.client(GateService).renewGate({ area, holder, lease }),
      );
    },
    release: async () => {
      await withConnection(later, (connection) =>
        connection.client(GateService).releaseGate({ area, holder }),
      );
    },
  };
}

// Both times are of the clock of the database, which may not be ours.
function delayOf({ gate, inForceAt }: AcquireGateResponse): number {
  if (gate?.leaseUntil === undefined || inForceAt === undefined) return 0;
  const acquiredAt = timestampMs(gate.leaseUntil) - leaseMs;
  return Math.max(0, timestampMs(inForceAt) - acquiredAt);
}

// What is to be said about a connection was said with the first call.
function quietCli(cli: Cli): Cli {
  return {
    ...cli,
    io: { ...cli.io, stderr: { write: () => undefined } },
    globals: () => {
      const globals = cli.globals();
      return { ...globals, timeout: Math.min(globals.timeout, maxRenewMs) };
    },
  };
}
