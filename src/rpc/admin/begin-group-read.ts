import type { HandlerContext } from "@connectrpc/connect";
import type { GroupRead } from "../../commands/group/get-group.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import type { SettleDeps, Settled } from "../acl/consistency.ts";
import { beginInspectCall } from "../inspect/begin-inspect-call.ts";

/** A read of groups that may go on: once it is known what the peer may read, `problem` comes next. */
export interface GroupReadCall extends GroupRead {
  readonly settled: Settled;
  readonly problem: Error | undefined;
}

/** Settles on the state that is read, as InspectService does. What the peer may read is decided by the newest one. */
export async function beginGroupRead(
  deps: SettleDeps,
  context: HandlerContext,
  consistency: Consistency | undefined,
): Promise<GroupReadCall> {
  const settled = await beginInspectCall(deps, context, consistency);
  const { peer, state, current, problem } = settled;
  return { settled, asker: peer.identity, rights: current.snapshot, state, problem };
}
