import { createHash, timingSafeEqual } from "node:crypto";
import type { InstanceState, RunnerState } from "../../domain/credential/bot-states.ts";
import type { ClaimRefusal } from "../../domain/credential/claim-states.ts";
import { botPermits } from "../../domain/credential/gates.ts";
import { parseIdentity, type Identity } from "../../domain/identity.ts";
import { rootGroup } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { ClaimRecord } from "../../storage/credential/claims.ts";
import type { PresentedFacts, RefusedClaim } from "../../storage/credential/present-claim.ts";
import { hashSecret } from "../api-key.ts";
import { isRealmDefined } from "../credential/require-permission.ts";
import { mayRegisterFor } from "../task/require-delegation.ts";
import { userOf } from "./claim-terms.ts";

/** What is presented: the token of the claim, and what is said with it. */
export interface PresentedProof {
  readonly credentialId: string;
  /** The secret part of the token. */
  readonly secret: string;
  readonly jobId: string;
  readonly nonceHash: Uint8Array;
}

/** What came of all comparisons, none of which depends on another. */
export interface Judged {
  /** The claim, if the secret is its. */
  readonly claim: ClaimRecord | undefined;
  readonly isOfJob: boolean;
  /** Whether it is the nonce that won. */
  readonly isSameNonce: boolean;
  /** Whether the opener may register the task at this moment. */
  readonly isAllowed: boolean;
}

// No secret, job or nonce has it.
const nobodys = new Uint8Array(32);

// Whose rights are looked at where there is no claim: the same is asked, and the answer is not used.
const nobody = {
  ...{ opener: "anonymous:anonymous", openerSubject: undefined, realm: "none:none" },
  terms: { delegatedUser: null },
} as unknown as ClaimRecord;

/** Judges what is presented. The work is the same whatever is wrong with it, and also where there is no such claim. */
export function judgePresented(
  snapshot: Snapshot,
  facts: PresentedFacts,
  proof: PresentedProof,
): Judged {
  const { claim } = facts;
  const isSecret = timingSafeEqual(hashSecret(proof.secret), facts.secretHash ?? nobodys);
  const isOfJob = timingSafeEqual(sha256(proof.jobId), claim ? sha256(claim.jobId) : sha256(""));
  const isSameNonce = timingSafeEqual(proof.nonceHash, facts.nonceHash ?? nobodys);
  const isAllowed = mayOpenerRegister(snapshot, claim ?? nobody, facts);
  return { claim: isSecret ? claim : undefined, isOfJob, isSameNonce, isAllowed };
}

// As RegisterTask would ask, had the opener called it now: a bot or a runner by a credential of its own.
function mayOpenerRegister(
  snapshot: Snapshot,
  { opener, openerSubject, realm, terms }: ClaimRecord,
  { opener: subject }: PresentedFacts,
): boolean {
  const { authDb } = snapshot;
  const identity = parseIdentity(opener) ?? ("anonymous:anonymous" as Identity);
  const isAdministrator = authDb.isMember(identity, rootGroup) && openerSubject === undefined;
  const may = authDb.hasPermission(identity, "fleetgate.tasks.register", realm) || isAdministrator;
  const mayForUser = mayRegisterFor(snapshot, identity, userOf(terms), realm);
  const isDefined = isRealmDefined(snapshot, realm);
  const isThere = openerSubject === undefined || (subject !== undefined && isSetUp(subject));
  return may && mayForUser && isDefined && isThere;
}

function isSetUp({ kind, state, instanceState }: NonNullable<PresentedFacts["opener"]>): boolean {
  if (kind !== "bot") return true;
  return botPermits("session", state as RunnerState, instanceState as InstanceState);
}

/** Why nothing was taken, and which openers are told so. */
export interface PresentRefusal {
  readonly reason: ClaimRefusal;
  readonly told: readonly { readonly reason: ClaimRefusal; readonly claim: RefusedClaim }[];
}

/** Tells why something was refused, by what was read before. */
export function refusalOf(
  { claim, isOfJob, isSameNonce, isAllowed }: Judged,
  facts: PresentedFacts,
): PresentRefusal {
  const { pending } = facts;
  if (claim === undefined) {
    // A changed token of the job's claim, be that over, or any other one.
    const meant = pending ?? (isOfJob ? facts.claim : undefined);
    return refusal("wrong_secret", meant && { reason: "wrong_secret", claim: meant });
  }
  if (!isOfJob) {
    return refusal(
      "wrong_job",
      { reason: "wrong_job", claim },
      pending && { reason: "wrong_secret", claim: pending },
    );
  }
  const reason = reasonOf(claim, { isRepeat: isSameNonce && facts.isRecent, isAllowed });
  return refusal(reason, { reason, claim });
}

function reasonOf(
  { state, isOverdue }: ClaimRecord,
  { isRepeat, isAllowed }: { readonly isRepeat: boolean; readonly isAllowed: boolean },
): ClaimRefusal {
  const forbidden = isAllowed ? "over" : "forbidden";
  if (state === "claimed") return isRepeat ? forbidden : "conflict";
  return state === "pending" && !isOverdue ? forbidden : "over";
}

function refusal(
  reason: ClaimRefusal,
  ...told: readonly (PresentRefusal["told"][number] | undefined)[]
): PresentRefusal {
  return { reason, told: told.filter((one) => one !== undefined) };
}

/** SHA-256 of a text. */
export function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
