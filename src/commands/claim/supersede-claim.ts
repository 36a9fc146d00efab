import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { lockClaim, type ClaimRecord } from "../../storage/credential/claims.ts";
import { readTask } from "../../storage/credential/tasks.ts";
import type { Tx } from "../../storage/storage.ts";
import { requestedUuid } from "../credential/fields.ts";
import { isRealmDefined, requirePermission } from "../credential/require-permission.ts";
import { areFoundDependencies } from "../task/dependencies.ts";
import { requireDelegation } from "../task/require-delegation.ts";
import { changeClaim } from "./change-claim.ts";
import { checkClaimText, requestedClaimTtl } from "./claim-input.ts";
import { userOf } from "./claim-terms.ts";
import { endClaimAs } from "./end-claim.ts";
import {
  exists,
  giveSecret,
  insertNew,
  isSame,
  requireOpening,
  type OpenedClaim,
} from "./open-claim.ts";

/** See SupersedeClaimRequest. */
export interface SupersedeClaimInput {
  readonly claimId: string;
  readonly newClaimId: string;
  /** Milliseconds; undefined: the usual. */
  readonly ttlMs: number | undefined;
  readonly executor: string;
}

/**
 * Ends a pending claim and opens another one of its job, with the same terms, in the name of the actor, who needs for it what OpenClaim
 * needs. Safe to repeat while the new one is pending. Fails with INVALID_FIELD, PERMISSION_REQUIRED, ON_BEHALF_OF_FORBIDDEN, ILLEGAL_TRANSITION,
 * ALREADY_EXISTS (`task`, `claim_id`) and LIMIT_EXCEEDED.
 */
export async function supersedeClaim(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: SupersedeClaimInput,
): Promise<OpenedClaim> {
  const { executor } = input;
  const uid = requestedUuid("new_claim_id", input.newClaimId);
  if (uid === input.claimId.toLowerCase()) {
    throw invalidField("new_claim_id", "must be another one than claim_id");
  }
  const ttlMs = requestedClaimTtl(input.ttlMs);
  checkClaimText("executor", executor);
  let opened: (OpenedClaim & { readonly isNew: boolean }) | undefined;
  const supersede = async (tx: Tx, old: ClaimRecord): Promise<ClaimRecord> => {
    await requireRights(tx, snapshot, actor, old);
    const { jobId, realm, terms, payload } = old;
    // Nobody could take it either.
    if ((await readTask(tx, { id: jobId })) !== undefined) throw exists("task", jobId);
    requireOpening(deps, actor, jobId);
    const ended = await endClaimAs(tx, actor, old, { state: "superseded", supersededBy: uid });
    const opening = { uid, jobId, realm, terms, payload, executor, ttlMs };
    const made = await insertNew(tx, deps, actor, opening);
    if (made === undefined) throw exists("claim_id", uid);
    opened = { ...made, isNew: true };
    return ended;
  };
  const repeat = async (tx: Tx, old: ClaimRecord): Promise<boolean> => {
    if (old.state !== "superseded" || old.supersededBy !== uid) return false;
    await requireRights(tx, snapshot, actor, old);
    const made = await lockClaim(tx, uid);
    if (made === undefined || !isSame(actor, made, { ...old, executor })) return false;
    requireOpening(deps, actor, old.jobId);
    opened = { ...(await giveSecret(tx, deps, actor, made)), isNew: false };
    return true;
  };
  await changeClaim(deps, snapshot, actor, input.claimId, "supersede", supersede, repeat);
  if (opened === undefined) throw new Error("a claim was superseded by nothing");
  if (opened.isNew) deps.claims?.count("opened");
  return opened;
}

async function requireRights(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  { jobId: taskId, realm, terms }: ClaimRecord,
): Promise<void> {
  requirePermission(snapshot, actor, "fleetgate.tasks.register", realm);
  if (!isRealmDefined(snapshot, realm)) throw invalidField("claim_id", "its realm must be defined");
  const delegatedUser = userOf(terms);
  requireDelegation(snapshot, actor, delegatedUser, realm);
  const of = { uids: terms.dependencies, delegatedUser, taskId };
  if (await areFoundDependencies(tx, snapshot, actor, of)) return;
  const rule = "its dependencies must be registered tasks on which the peer may have tasks depend";
  throw invalidField("claim_id", rule);
}
