import type { CredentialDeps } from "../../credentials/deps.ts";
import { appendAudit, type AuditActor } from "../../storage/credential/audit.ts";
import {
  endClaim,
  expireClaims,
  tellOfClaims,
  type ClaimEnding,
  type ClaimRecord,
  type ClaimSummary,
  type OverdueClaims,
} from "../../storage/credential/claims.ts";
import { readClaims, readSummaries } from "../../storage/credential/read-claims.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { serverActor } from "../task/lock-task.ts";

/** The audit event of a claim. */
export function claimEvent<E extends "claimed" | "claim_extended" | "claim_ended" | "issued">(
  event: E,
  actor: AuditActor,
  { credentialId, jobId, realm, uid }: ClaimSummary,
) {
  return {
    ...{ event, actor, credentialId, identity: `task:${jobId}`, realm },
    detail: { claim_id: uid },
  };
}

/** Ends a locked claim, and tells whoever watches it. */
export async function endClaimAs(
  tx: Tx,
  actor: AuditActor,
  claim: ClaimRecord,
  ending: ClaimEnding,
): Promise<ClaimRecord> {
  await endClaim(tx, claim.uid, ending);
  const event = claimEvent("claim_ended", actor, claim);
  const { state, error, supersededBy } = ending;
  const why = { ...(error && { error }), ...(supersededBy && { superseded_by: supersededBy }) };
  await appendAudit(tx, [{ ...event, reason: state, detail: { ...event.detail, ...why } }]);
  await tellOfClaims(tx);
  return readClaimAgain(tx, claim);
}

/** Writes down which pending claims have passed their deadline. */
export async function expireOverdue(
  tx: Tx,
  which: OverdueClaims,
): Promise<readonly ClaimSummary[]> {
  const expired = await expireClaims(tx, which);
  if (expired.length === 0) return expired;
  await appendAudit(
    tx,
    expired.map((claim) => ({
      ...claimEvent("claim_ended", serverActor, claim),
      reason: "expired",
    })),
  );
  await tellOfClaims(tx);
  return expired;
}

/**
 * Claims as storage has them, once it is written down of those that have passed their deadline: nobody hears that a claim has expired as
 * long as it may still be claimed after all.
 */
export async function settleClaims(
  { storage, claims }: Pick<CredentialDeps, "storage" | "claims">,
  seen: readonly ClaimSummary[],
): Promise<readonly ClaimSummary[]> {
  const uids = seen.filter(({ isOverdue }) => isOverdue).map(({ uid }) => uid);
  if (uids.length === 0) return seen;
  const settled = await inCredentialTransaction(storage, "server", async (tx) => {
    const expired = await expireOverdue(tx, { uids });
    return { expired: expired.length, now: await readSummaries(tx, uids) };
  });
  if (settled.expired > 0) {
    claims?.count("expired", settled.expired);
    claims?.changed();
  }
  const now = new Map(settled.now.map((claim) => [claim.uid, claim]));
  return seen.map((claim) => now.get(claim.uid) ?? claim);
}

/** Reads a claim that is known to be there. */
export async function readClaimAgain(
  tx: Tx,
  { uid }: { readonly uid: string },
): Promise<ClaimRecord> {
  const [claim] = await readClaims(tx, [uid]);
  if (claim === undefined) throw new Error("a claim that was locked is gone");
  return claim;
}
