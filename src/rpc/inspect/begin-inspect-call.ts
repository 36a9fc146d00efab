import type { HandlerContext } from "@connectrpc/connect";
import { DomainError } from "../../domain/errors.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { settle, type SettleDeps, type Settled } from "../acl/consistency.ts";
import { readersOnly } from "../admission/admit.ts";
import { callOf } from "../call.ts";

/**
 * Settles on the state that answers a call of InspectService, as AclService does; a state that is not fresh
 * enough is STORAGE_UNAVAILABLE here, and an earlier one that is not for the peer GROUP_REQUIRED. The peer is the caller unless the request named another.
 */
export async function beginInspectCall(
  deps: SettleDeps,
  context: HandlerContext,
  consistency: Consistency | undefined,
): Promise<Settled> {
  const call = callOf(context.values);
  const settled = await settleOutsideAcl();
  if (call.caller === "") call.caller = settled.peer.identity;
  const { problem } = settled;
  if (problem?.reason !== "HISTORY_FORBIDDEN") return settled;
  return { ...settled, problem: readersOnly(call.method) };

  async function settleOutsideAcl(): Promise<Settled> {
    try {
      return await settle(deps, call, consistency, context.signal);
    } catch (error) {
      if (!(error instanceof DomainError) || error.reason !== "FRESHNESS_NOT_REACHED") throw error;
      throw new DomainError("STORAGE_UNAVAILABLE", "", {}, { cause: error.cause });
    }
  }
}
