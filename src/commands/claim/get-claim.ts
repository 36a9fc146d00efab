import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { listRefusals, type ClaimRefusalCount } from "../../storage/credential/claim-refusals.ts";
import type { ClaimSummary } from "../../storage/credential/claims.ts";
import { readSummaries } from "../../storage/credential/read-claims.ts";
import { retrying } from "../../storage/transaction.ts";
import { requestedUuid } from "../credential/fields.ts";
import { mayHandleClaim, noSuchClaim } from "./claim-access.ts";
import { settleClaims } from "./end-claim.ts";

/** A claim, and what was refused of it. */
export interface ClaimView {
  readonly claim: ClaimSummary;
  readonly refusals: readonly ClaimRefusalCount[];
}

/** Reads a claim. Fails with INVALID_FIELD, PERMISSION_REQUIRED, NOT_FOUND or STORAGE_UNAVAILABLE. */
export async function getClaim(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  claimId: string,
): Promise<ClaimView> {
  const uid = requestedUuid("claim_id", claimId);
  const [claim] = await readOwnClaims(deps, snapshot, actor, [uid]);
  if (claim === undefined) throw noSuchClaim(snapshot, actor, uid);
  const refusals = await retrying(() => listRefusals(deps.storage.db, claim));
  return { claim, refusals };
}

/** Reads claims that the actor may handle, in the order asked for. Fails with PERMISSION_REQUIRED or NOT_FOUND for the first that is none. */
export async function readOwnClaims(
  deps: Pick<CredentialDeps, "storage" | "claims">,
  snapshot: Snapshot,
  actor: Actor,
  uids: readonly string[],
): Promise<readonly ClaimSummary[]> {
  const seen = await retrying(() => readSummaries(deps.storage.db, uids));
  const own = seen.filter((claim) => mayHandleClaim(snapshot, actor, claim));
  const byUid = new Map(own.map((claim) => [claim.uid, claim]));
  const missing = uids.find((uid) => !byUid.has(uid));
  if (missing !== undefined) throw noSuchClaim(snapshot, actor, missing);
  const settled = await settleClaims(deps, own);
  const now = new Map(settled.map((claim) => [claim.uid, claim]));
  return uids.flatMap((uid) => now.get(uid) ?? []);
}
