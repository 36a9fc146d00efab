import { randomUUID } from "node:crypto";
import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { finalTaskStates } from "../../domain/credential/task-states.ts";
import type { ClaimRefusal } from "../../domain/credential/claim-states.ts";
import { parseIdentity, type Identity } from "../../domain/identity.ts";
import { networkOf } from "../../domain/network.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit, type NewAuditEvent } from "../../storage/credential/audit.ts";
import {
  noteTaskCredential,
  tellOfClaims,
  type ClaimRecord,
} from "../../storage/credential/claims.ts";
import { insertHold, readHold } from "../../storage/credential/holds.ts";
import { readPresented, takeClaim } from "../../storage/credential/present-claim.ts";
import type { TaskRecord } from "../../storage/credential/tasks.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { hashSecret } from "../api-key.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { lostAnswerOf, requestedNonce } from "../credential/nonce.ts";
import { createTask } from "../task/create-task.ts";
import { subjectHolder } from "../task/holder.ts";
import { issueTaskToken } from "../task/issue-task-token.ts";
import { lockTask } from "../task/lock-task.ts";
import { checkTaskId } from "../task/task-input.ts";
import { userOf } from "./claim-terms.ts";
import { claimEvent, endClaimAs } from "./end-claim.ts";
import {
  judgePresented,
  refusalOf,
  type PresentedProof,
  type PresentRefusal,
} from "./judge-presented.ts";

/** The token of a claim as its text says, which nobody has judged yet. */
export interface ShownClaim {
  readonly credentialId: string;
  readonly secret: string;
}

/** From where it is presented, and by which call. */
export type PresentedBy = Pick<Actor, "source" | "requestId">;

/** What the winner gets. */
export interface PresentedClaim {
  readonly claim: ClaimRecord;
  readonly task: TaskRecord;
  /** A secret, shown once, kept nowhere. */
  readonly token: string;
  readonly credentialId: string;
}

type Outcome =
  | (PresentedClaim & { readonly kind: "won"; readonly isRepeat: boolean })
  | ({ readonly kind: "refused"; readonly hasFailed: boolean } & PresentRefusal);

/**
 * Takes the job of a claim for who shows its token: registers its task in the name of the opener. Whatever is wrong is CREDENTIAL_REQUIRED,
 * and takes the same two statements and the same comparisons, so that nobody learns which jobs have a claim. Fails with INVALID_FIELD, too, which
 * says nothing of claims, with STORAGE_UNAVAILABLE, and with LIMIT_EXCEEDED for who presents too much.
 */
export async function presentClaim(
  deps: CredentialDeps,
  snapshot: Snapshot,
  shown: ShownClaim,
  by: PresentedBy,
  input: { readonly jobId: string; readonly nonce: string },
): Promise<PresentedClaim> {
  const { jobId, nonce } = input;
  checkTaskId(jobId, "job_id");
  const proof: PresentedProof = { ...shown, jobId, nonceHash: requestedNonce(nonce) };
  // Who guesses waits behind its own guesses, and nobody else does.
  const line = { stranger: networkOf(by.source) };
  const outcome = await inCredentialTransaction(deps.storage, line, (tx) =>
    present(tx, deps, snapshot, proof, by),
  );
  const { claims } = deps;
  if (outcome.kind === "refused") {
    if (outcome.hasFailed) {
      claims?.count("failed");
      claims?.changed();
    }
    claims?.refused(outcome.reason, refusalEvents(outcome, shown.credentialId, by));
    throw credentialRefused(`presented claim: ${outcome.reason}`);
  }
  const { claim, task, isRepeat } = outcome;
  claims?.claimed(isRepeat ? "again" : (claim.endedAt ?? claim.openedAt) - claim.openedAt);
  claims?.changed();
  await deps.makeKnown([task.uid]);
  return outcome;
}

async function present(
  tx: Tx,
  deps: CredentialDeps,
  snapshot: Snapshot,
  proof: PresentedProof,
  by: PresentedBy,
): Promise<Outcome> {
  const lostAnswerMs = lostAnswerOf(deps);
  const facts = await readPresented(tx, proof, lostAnswerMs);
  const judged = judgePresented(snapshot, facts, proof);
  const taskUid = randomUUID();
  const claim = await takeClaim(tx, {
    ...proof,
    isGood: judged.claim !== undefined && judged.isOfJob && judged.isAllowed,
    ...{ secretHash: hashSecret(proof.secret), taskUid, source: by.source, lostAnswerMs },
  });
  if (claim !== undefined) {
    const isRepeat = claim.taskUid !== taskUid;
    return isRepeat ? answerAgain(tx, deps, claim, by) : register(tx, deps, claim, by);
  }
  const refusal = refusalOf(judged, facts);
  const hasLost = judged.claim?.state === "pending" && refusal.reason === "over";
  if (!hasLost || judged.claim.isOverdue) return { kind: "refused", hasFailed: false, ...refusal };
  // It was pending a moment ago: who had the secret was beaten to it, and its opener is told by what.
  const now = await readPresented(tx, proof, lostAnswerMs);
  const again = judgePresented(snapshot, now, proof);
  return { kind: "refused", hasFailed: false, ...refusalOf(again, now) };
}

/** Who acts in the name of the opener: the rights were asked for, and the session of a bot is looked at with the claim. */
function openerOf({ opener }: ClaimRecord, by: PresentedBy): Actor {
  const identity = parseIdentity(opener) ?? ("anonymous:anonymous" as Identity);
  return { identity, caller: identity, record: undefined, ...by };
}

async function register(
  tx: Tx,
  deps: CredentialDeps,
  claim: ClaimRecord,
  by: PresentedBy,
): Promise<Outcome> {
  const actor = openerOf(claim, by);
  const { jobId: taskId, realm, terms, uid } = claim;
  const parts = { ...terms, delegatedUser: userOf(terms), pool: terms.pool ?? undefined };
  const holder = subjectHolder(actor.identity, claim.openerSubject?.uid);
  const key = { taskId, holder, holdId: uid };
  // The opener wants the task no more, as RegisterTask would say, or has registered it itself.
  const hold = await readHold(tx, key);
  if (hold !== undefined) {
    return fail(tx, claim, by, hold.taskUid === undefined ? "hold_released" : "task_exists");
  }
  const created = await createTask(tx, actor, claim.taskUid, {
    ...{ ...parts, taskId, realm, botId: undefined },
  });
  if (created === undefined) return fail(tx, claim, by, "task_exists");
  // Released just now: the same comes of it when it is presented again.
  if ((await insertHold(tx, key, created.uid, parts.timeLimitMs)) === undefined) {
    throw credentialRefused("presented claim: its hold was released");
  }
  const registration = { ...parts, holdId: uid };
  const issued = await issueTaskToken(tx, deps, actor, created, {
    ...{ registration, source: { kind: "minted" }, isNew: true, isRepeat: false },
  });
  const of = { actor, identity: `task:${taskId}`, realm };
  await appendAudit(tx, [
    claimEvent("claimed", actor, claim),
    {
      ...{ event: "registered", ...of, credentialId: issued.credentialId },
      detail: { hold_id: uid },
    },
  ]);
  return won(tx, claim, created, issued, false);
}

async function answerAgain(
  tx: Tx,
  deps: CredentialDeps,
  claim: ClaimRecord,
  by: PresentedBy,
): Promise<Outcome> {
  const actor = openerOf(claim, by);
  const task = await lockTask(tx, claim.jobId);
  if (task === undefined || task.uid !== claim.taskUid || finalTaskStates.has(task.state)) {
    return { kind: "refused", hasFailed: false, ...tell("over", claim) };
  }
  // Not what the opener may write of its task: RegisterTask is how it takes the job back.
  requireAllowance(deps.storage, actor, `presented ${task.uid}`);
  const registration = { ...claim.terms, holdId: claim.uid };
  const issued = await issueTaskToken(tx, deps, actor, task, {
    ...{ registration, source: { kind: "minted" }, isNew: false, isRepeat: true },
  });
  return won(tx, claim, task, issued, true);
}

async function won(
  tx: Tx,
  { uid }: ClaimRecord,
  task: TaskRecord,
  {
    credentialId,
    token = "",
  }: { readonly credentialId: string; readonly token: string | undefined },
  isRepeat: boolean,
): Promise<Outcome> {
  const claim = await noteTaskCredential(tx, uid, credentialId);
  await tellOfClaims(tx);
  return { kind: "won", claim, task, token, credentialId, isRepeat };
}

// The refusal is committed with the failure, so it is no error yet.
async function fail(tx: Tx, claim: ClaimRecord, by: PresentedBy, error: string): Promise<Outcome> {
  await endClaimAs(tx, openerOf(claim, by), claim, { state: "failed", error });
  return { kind: "refused", hasFailed: true, ...tell("over", claim) };
}

function tell(reason: ClaimRefusal, claim: ClaimRecord): PresentRefusal {
  return { reason, told: [{ reason, claim }] };
}

/** What the audit says of a refusal: to each opener that is told, and else by the public id that was shown. */
function refusalEvents(
  { reason, told }: PresentRefusal,
  shownId: string,
  { source }: PresentedBy,
): readonly NewAuditEvent[] {
  const actor = { caller: "", source, requestId: "" };
  if (told.length === 0) return [{ event: "denied", actor, credentialId: shownId, reason }];
  return told.map(({ reason: why, claim: { credentialId, jobId, realm } }) => ({
    event: why === "conflict" ? "claim_conflict" : "denied",
    ...{ actor, credentialId, identity: `task:${jobId}`, realm, reason: why },
  }));
}
