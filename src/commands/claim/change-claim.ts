import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import {
  claimSteps,
  type ClaimEvent,
  type ClaimState,
} from "../../domain/credential/claim-states.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import {
  moveDeadline,
  tellOfClaims,
  type ClaimEnding,
  type ClaimRecord,
} from "../../storage/credential/claims.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { checkText } from "../input.ts";
import { requestedUuid } from "../credential/fields.ts";
import { writerOf } from "../credential/writer-of.ts";
import { requireCurrentSession } from "../task/current-session.ts";
import { lockOwnClaim } from "./claim-access.ts";
import { maxClaimMs, requestedClaimTtl } from "./claim-input.ts";
import { claimEvent, endClaimAs, expireOverdue, readClaimAgain } from "./end-claim.ts";
import { requireOpening } from "./open-claim.ts";

/** Moves the deadline of a pending claim. Fails with INVALID_FIELD, PERMISSION_REQUIRED, ILLEGAL_TRANSITION and LIMIT_EXCEEDED. */
export async function extendClaim(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly claimId: string; readonly ttlMs: number | undefined },
): Promise<ClaimRecord> {
  // Whoever says nothing means no other deadline, least of all an earlier one.
  if (input.ttlMs === undefined) throw invalidField("ttl", "is required");
  const ttlMs = requestedClaimTtl(input.ttlMs);
  return changeClaim(deps, snapshot, actor, input.claimId, "extend", async (tx, claim) => {
    requireOpening(deps, actor, claim.jobId);
    await moveDeadline(tx, claim.uid, { ttlMs, maxMs: maxClaimMs });
    await appendAudit(tx, [claimEvent("claim_extended", actor, claim)]);
    await tellOfClaims(tx);
    return readClaimAgain(tx, claim);
  });
}

/** Ends a pending claim as canceled. Fails with INVALID_FIELD, PERMISSION_REQUIRED and ILLEGAL_TRANSITION. */
export async function cancelClaim(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly claimId: string },
): Promise<ClaimRecord> {
  return changeClaim(deps, snapshot, actor, input.claimId, "cancel", ending(actor, {}));
}

/** Says that an executor is done: a pending claim has failed by that. Fails with INVALID_FIELD and PERMISSION_REQUIRED. */
export async function reportExecutor(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly claimId: string; readonly error: string },
): Promise<ClaimRecord> {
  const { claimId, error } = input;
  checkText("error", error);
  const event = error === "" ? "executor_exit" : "executor_error";
  const why = { error: error === "" ? "executor_exited" : error };
  return changeClaim(deps, snapshot, actor, claimId, event, ending(actor, why));
}

/** Makes the change to a locked claim for which the state machine says that it is done. */
export type MakeChange = (
  tx: Tx,
  claim: ClaimRecord,
  to: ClaimEnding["state"] | "stays",
) => Promise<ClaimRecord>;

function ending(actor: Actor, why: Omit<ClaimEnding, "state">): MakeChange {
  return async (tx, claim, to) =>
    to === "stays" ? claim : endClaimAs(tx, actor, claim, { ...why, state: to });
}

/**
 * Does to a claim what the state machine says of an event: makes the change, does nothing, or fails with ILLEGAL_TRANSITION. That a claim has
 * passed its deadline is written down first, whatever comes of it. `isRepeat` answers a call that was made before, whose answer was lost.
 */
export async function changeClaim(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  claimId: string,
  event: ClaimEvent,
  make: MakeChange,
  isRepeat: (tx: Tx, claim: ClaimRecord) => Promise<boolean> = never,
): Promise<ClaimRecord> {
  const uid = requestedUuid("claim_id", claimId);
  const { claims } = deps;
  const done = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    await requireCurrentSession(tx, actor);
    const claim = await lockLiveClaim(tx, snapshot, actor, uid);
    if (await isRepeat(tx, claim.now)) return { ...claim, isRepeat: true };
    const step = claimSteps[claim.now.state][event];
    if (step === "illegal" || step === "refused" || step === "claimed") {
      return { ...claim, isIllegal: true };
    }
    if (step === "moot") return claim;
    return { ...claim, now: await make(tx, claim.now, step) };
  });
  if (done.hasExpired) claims?.count("expired");
  else if (done.now.state !== done.before && done.now.state !== "pending") {
    if (done.now.state !== "claimed") claims?.count(done.now.state);
  }
  if ("isRepeat" in done || done.now.version !== done.version) claims?.changed();
  if ("isIllegal" in done) throw illegal(done.now, event);
  return done.now;
}

const never = (): Promise<boolean> => Promise.resolve(false);

/** A locked claim, once it is written down if it has passed its deadline. */
interface LiveClaim {
  readonly now: ClaimRecord;
  readonly before: ClaimState;
  readonly version: bigint;
  readonly hasExpired: boolean;
}

async function lockLiveClaim(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  uid: string,
): Promise<LiveClaim> {
  const claim = await lockOwnClaim(tx, snapshot, actor, uid);
  const [expired] = claim.isOverdue ? await expireOverdue(tx, { uids: [uid] }) : [];
  const { state: before, version } = claim;
  return { now: { ...claim, ...expired }, before, version, hasExpired: expired !== undefined };
}

function illegal({ uid, state: from }: ClaimRecord, event: ClaimEvent): DomainError {
  const pending = claimSteps.pending[event];
  const to = pending === "stays" ? "pending" : pending;
  const message = `claim ${uid} is ${from}: it is over, and cannot become ${to}`;
  return new DomainError("ILLEGAL_TRANSITION", message, { kind: "claim", from, to });
}
