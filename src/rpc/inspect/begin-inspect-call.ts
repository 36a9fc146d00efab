import type { HandlerContext } from "@connectrpc/connect";
import { DomainError } from "../../domain/errors.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { ForeignHistoryError } from "../../replica/replica.ts";
import { settle, type SettleDeps, type Settled } from "../acl/consistency.ts";
import { readersOnly } from "../admission/admit.ts";
import { callOf } from "../call.ts";
import { noteSnapshotAge } from "../snapshot-age.ts";

/**
 * Settles on the state that answers a call of InspectService, as AclService does, with the errors of the services
 * outside of it: see `failureOutsideAcl`; an earlier state that is not for the peer is GROUP_REQUIRED. The peer is the
 * caller unless the request named another.
 */
export async function beginInspectCall(
  deps: SettleDeps,
  context: HandlerContext,
  consistency: Consistency | undefined,
): Promise<Settled> {
  const call = callOf(context.values);
  const settled = await settleOutsideAcl();
  noteSnapshotAge(deps, call, { peer: settled.peer, state: settled.current });
  if (call.caller === "") call.caller = settled.peer.identity;
  const { problem } = settled;
  if (problem?.reason !== "HISTORY_FORBIDDEN") return settled;
  return { ...settled, problem: readersOnly(call.method, " at an earlier revision") };

  async function settleOutsideAcl(): Promise<Settled> {
    try {
      return await settle(deps, call, consistency, context.signal);
    } catch (error) {
      throw failureOutsideAcl(error);
    }
  }
}

/**
 * What a state that is not fresh enough is outside of AclService: LIMIT_EXCEEDED when too many are being rebuilt,
 * HISTORY_NOT_ACCEPTED when the database has another history, else STORAGE_UNAVAILABLE. Any other error stays.
 */
export function failureOutsideAcl(error: unknown): unknown {
  if (!(error instanceof DomainError) || error.reason !== "FRESHNESS_NOT_REACHED") return error;
  const { cause } = error;
  if (cause instanceof DomainError && cause.reason === "LIMIT_EXCEEDED") return cause;
  const isForeign = cause instanceof ForeignHistoryError;
  const reason = isForeign ? "HISTORY_NOT_ACCEPTED" : "STORAGE_UNAVAILABLE";
  return new DomainError(reason, "", {}, { cause });
}
