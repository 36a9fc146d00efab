import type { Actor } from "../../credentials/deps.ts";
import { foldIdentity, type Identity } from "../../domain/identity.ts";
import type { DomainError } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { lockClaim, type ClaimRecord, type ClaimSummary } from "../../storage/credential/claims.ts";
import { readSummaries } from "../../storage/credential/read-claims.ts";
import type { Tx } from "../../storage/storage.ts";
import { mayIn, noSuchSubject } from "../credential/require-permission.ts";

const manage = "fleetgate.tasks.manage";

/** Whether an actor opened a claim. One that came by the credential of a bot or a runner did only as that very one. */
export function isOpener(
  { identity, record }: Actor,
  { opener, openerSubject }: Pick<ClaimSummary, "opener" | "openerSubject">,
): boolean {
  if (record !== undefined) return record.subject.uid === openerSubject?.uid;
  if (openerSubject !== undefined) return false;
  return foldIdentity(identity) === foldIdentity(opener as Identity);
}

/** Whether an actor may see and end a claim. */
export function mayHandleClaim(snapshot: Snapshot, actor: Actor, claim: ClaimSummary): boolean {
  return isOpener(actor, claim) || mayIn(snapshot, actor, manage, claim.realm);
}

/** The error for a claim that is not there, or none of the actor's. */
export function noSuchClaim(snapshot: Snapshot, actor: Actor, uid: string): DomainError {
  return noSuchSubject(snapshot, actor, manage, "claim", uid);
}

/**
 * Locks a claim for who may handle it, who is asked for before anything is locked. Fails with PERMISSION_REQUIRED, NOT_FOUND for an
 * administrator.
 */
export async function lockOwnClaim(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  uid: string,
): Promise<ClaimRecord> {
  const [seen] = await readSummaries(tx, [uid]);
  const isOwn = seen !== undefined && mayHandleClaim(snapshot, actor, seen);
  const claim = isOwn ? await lockClaim(tx, uid) : undefined;
  if (claim === undefined) throw noSuchClaim(snapshot, actor, uid);
  return claim;
}
