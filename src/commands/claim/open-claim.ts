import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { fullRealmName } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import {
  insertClaim,
  lockClaim,
  replaceClaimSecret,
  tellOfClaims,
  type ClaimRecord,
  type NewClaim,
} from "../../storage/credential/claims.ts";
import { readClaims, readPendingClaim } from "../../storage/credential/read-claims.ts";
import { readTask } from "../../storage/credential/tasks.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { requestedUuid } from "../credential/fields.ts";
import { mintToken } from "../credential/mint-token.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { isRealmDefined, requirePermission } from "../credential/require-permission.ts";
import { writerOf } from "../credential/writer-of.ts";
import { requireCurrentSession } from "../task/current-session.ts";
import type { TermsInput } from "../task/registration.ts";
import { requireDelegation } from "../task/require-delegation.ts";
import { checkTaskId } from "../task/task-input.ts";
import { isOpener, mayHandleClaim } from "./claim-access.ts";
import { checkClaimText, requestedClaimTtl } from "./claim-input.ts";
import { areSameTerms, readClaimTerms, toStoredTerms } from "./claim-terms.ts";
import { claimEvent, expireOverdue, readClaimAgain } from "./end-claim.ts";

/** See OpenClaimRequest. */
export interface OpenClaimInput {
  readonly claimId: string;
  readonly jobId: string;
  readonly realm: string;
  /** Milliseconds; undefined: the usual. */
  readonly ttlMs: number | undefined;
  readonly terms: TermsInput | undefined;
  readonly executor: string;
  readonly payload: string;
}

/** A claim that is open. */
export interface OpenedClaim {
  readonly claim: ClaimRecord;
  /** A secret, shown once, kept nowhere. */
  readonly token: string;
}

/**
 * Opens a claim of a job. Safe to repeat while it is pending: then its token is a new one, and the one before is dead. Fails with INVALID_FIELD,
 * PERMISSION_REQUIRED, ON_BEHALF_OF_FORBIDDEN, ALREADY_EXISTS (`claim`: another one of the job is pending, `task`: the job's task is
 * registered, `claim_id`: it is another claim's, or over), CREDENTIAL_REQUIRED when the session of a bot has ended just now, and LIMIT_EXCEEDED.
 */
export async function openClaim(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: OpenClaimInput,
): Promise<OpenedClaim> {
  const { realm, jobId, executor, payload } = input;
  if (!fullRealmName.test(realm)) throw invalidField("realm", fullRealmName.rule);
  requirePermission(snapshot, actor, "fleetgate.tasks.register", realm);
  if (!isRealmDefined(snapshot, realm)) throw invalidField("realm", "must be defined");
  checkTaskId(jobId, "job_id");
  const uid = requestedUuid("claim_id", input.claimId);
  const ttlMs = requestedClaimTtl(input.ttlMs);
  checkClaimText("executor", executor);
  checkClaimText("payload", payload);
  const given = await readClaimTerms(input.terms);
  requireDelegation(snapshot, actor, given.delegatedUser, realm);
  const opened = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    await requireCurrentSession(tx, actor);
    const terms = await toStoredTerms(tx, snapshot, actor, jobId, given);
    requireOpening(deps, actor, jobId);
    return openOrRepeat(tx, deps, snapshot, actor, {
      ...{ uid, jobId, realm, terms, executor, payload, ttlMs },
    });
  });
  if (opened.isNew) deps.claims?.count("opened");
  if (opened.expired > 0) deps.claims?.count("expired", opened.expired);
  deps.claims?.changed();
  return opened;
}

/** A bot opens many claims by one session; others are known for the same job again and again. Fails with LIMIT_EXCEEDED. */
export function requireOpening({ storage }: CredentialDeps, actor: Actor, jobId: string): void {
  requireAllowance(storage, actor, actor.record?.subject.uid ?? `claim of ${jobId}`);
}

/** What a claim is opened with. */
export type Opening = Omit<NewClaim, "opener" | "openerSubject" | "credentialId" | "secretHash">;

interface Opened extends OpenedClaim {
  readonly isNew: boolean;
  /** How many claims of the job turned out to have passed their deadline. */
  readonly expired: number;
}

// How often another one may get in the way between a look and a write.
const attempts = 3;

async function openOrRepeat(
  tx: Tx,
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  opening: Opening,
): Promise<Opened> {
  for (let count = 0; count < attempts; count += 1) {
    const [seen] = await readClaims(tx, [opening.uid]);
    // Nothing of others is locked.
    if (seen !== undefined && !isOpener(actor, seen)) throw exists("claim_id", opening.uid);
    const before = seen && (await lockClaim(tx, opening.uid));
    if (before !== undefined) {
      if (!isSame(actor, before, opening)) throw exists("claim_id", opening.uid);
      return { ...(await giveSecret(tx, deps, actor, before)), isNew: false, expired: 0 };
    }
    const { length: expired } = await expireOverdue(tx, { jobId: opening.jobId });
    if ((await readTask(tx, { id: opening.jobId })) !== undefined) {
      throw exists("task", opening.jobId);
    }
    const opened = await insertNew(tx, deps, actor, opening);
    if (opened !== undefined) return { ...opened, isNew: true, expired };
    const other = await readPendingClaim(tx, opening.jobId);
    if (other !== undefined && other.uid !== opening.uid) {
      throw exists("claim", mayHandleClaim(snapshot, actor, other) ? other.uid : "");
    }
  }
  throw new DomainError("WRITE_CONFLICT", "other writes got in the way; try again");
}

/** Stores a new claim. Undefined: there is one of its uid, or a pending one of its job. */
export async function insertNew(
  tx: Tx,
  deps: CredentialDeps,
  actor: Actor,
  opening: Opening,
): Promise<OpenedClaim | undefined> {
  const { id, token, secretHash } = mintToken(deps, "claim");
  const subject = actor.record?.subject;
  const isNew = await insertClaim(tx, {
    ...{ ...opening, opener: actor.identity, credentialId: id, secretHash },
    openerSubject: subject && { uid: subject.uid, generation: subject.generation },
  });
  if (!isNew) return undefined;
  const claim = await readClaimAgain(tx, opening);
  await appendAudit(tx, [{ ...claimEvent("issued", actor, claim), reason: "claim" }]);
  return { claim, token };
}

/** Gives a locked pending claim another secret, as the answer with the one before may have been lost. */
export async function giveSecret(
  tx: Tx,
  deps: CredentialDeps,
  actor: Actor,
  before: ClaimRecord,
): Promise<OpenedClaim> {
  const { token, secretHash } = mintToken(deps, "claim", before.credentialId);
  await replaceClaimSecret(tx, before.uid, secretHash);
  const claim = await readClaimAgain(tx, before);
  await appendAudit(tx, [{ ...claimEvent("issued", actor, claim), reason: "claim" }]);
  await tellOfClaims(tx);
  return { claim, token };
}

/** Whether a claim is the pending one that somebody wants to open once more. */
export function isSame(
  actor: Actor,
  claim: ClaimRecord,
  { jobId, realm, terms, executor, payload }: Omit<Opening, "uid" | "ttlMs">,
): boolean {
  const isPending = claim.state === "pending" && !claim.isOverdue;
  // By the token of another attempt of its opener nobody could take it.
  const { record } = actor;
  const isOfAttempt = record?.subject.generation === claim.openerSubject?.generation;
  const isOfJob = claim.jobId === jobId && claim.realm === realm;
  const saysSame = claim.executor === executor && claim.payload === payload;
  return (
    isPending &&
    isOfAttempt &&
    isOfJob &&
    saysSame &&
    isOpener(actor, claim) &&
    areSameTerms(claim.terms, terms)
  );
}

/** ALREADY_EXISTS of a claim, a task or the id of a claim; the name may be empty, where it is none of the actor's. */
export function exists(kind: "claim" | "task" | "claim_id", name: string): DomainError {
  const messages = {
    claim: "another claim of the job is pending; supersede or cancel it",
    task: "the task of the job is registered already",
    claim_id: "the claim id is another claim's, or of one that is over; take a new one",
  };
  return new DomainError("ALREADY_EXISTS", messages[kind], { kind, name });
}
