import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Refusal } from "../../credentials/verdict.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { readCredentialView } from "../../storage/credential/list-credentials.ts";
import {
  markRotated,
  readManager,
  setManagerCredential,
  wasUsed,
  type ManagerRow,
} from "../../storage/credential/managers.ts";
import { readCredentialOf, type CredentialRow } from "../../storage/credential/sessions.ts";
import { bumpSubject, lockSubject, type LockedSubject } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { requestedLifetime, type Lifetimes } from "../credential/fields.ts";
import { requestedCredentialId } from "../credential/named-subject.ts";
import { isRepeat, requestedNonce } from "../credential/nonce.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import {
  isRealmDefined,
  noSuchSubject,
  permissionRequired,
} from "../credential/require-permission.ts";
import { writerOf } from "../credential/writer-of.ts";
import type { IssuedToken } from "./create-enroll-token.ts";
import { mayManageRunners, runnerPermission } from "./runner-access.ts";
import { issueRunnerToken, revokeRunnerTokens, runnerTokenLifetimes } from "./runner-token.ts";
import { runnerIdentity } from "./runner.ts";

/** For how long a token may go on that was rotated. */
export const graces: Lifetimes = {
  min: 0,
  max: 7 * 86_400_000,
  usual: 3_600_000,
  words: "0 to 7 days",
};

/** See RotateCredentialRequest. Times are milliseconds; undefined: the usual. */
export interface RotateCredentialInput {
  /** Empty: the peer's own. */
  readonly credentialId: string;
  readonly grace: number | undefined;
  readonly ttl: number | undefined;
  /** Who knows it may repeat the call. */
  readonly nonce: string;
}

/** A runner token that took the place of another one. */
export interface Rotated {
  readonly issued: IssuedToken;
  readonly previousExpiresAt: Date;
  /** Whether the answer of the first call may have been lost. */
  readonly isRepeated: boolean;
}

// What was told of a token before its rotation, in assertions and to those who cache, lives for a minute at most.
const toldMs = 60_000;

/** The token that is to be replaced, as it is under the lock of its runner. */
interface Old extends LockedSubject {
  readonly credential: CredentialRow & { readonly system_id: string };
  readonly manager: ManagerRow;
}

/**
 * Replaces a runner token by a new one, once; the one before goes on for its grace. Fails with CREDENTIAL_REQUIRED, INVALID_FIELD,
 * ILLEGAL_TRANSITION (`credential`), LIMIT_EXCEEDED (`subject_writes`), and as noSuchSubject.
 */
export async function rotateCredential(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: RotateCredentialInput,
): Promise<Rotated> {
  const nonceHash = requestedNonce(input.nonce);
  const grace = requestedLifetime("grace", input.grace, graces);
  const ttl = requestedLifetime("ttl", input.ttl, runnerTokenLifetimes);
  const { id, uid } = await findMeant(deps, snapshot, actor, input.credentialId);
  const rotated = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const old = await lockOld(tx, snapshot, actor, { id, uid });
    const { row, now, credential, manager } = old;
    const key = { runnerUid: row.uid, systemId: credential.system_id };
    const isRepeated = await judge(tx, deps, actor, old, nonceHash);
    requireAllowance(deps.storage, actor, `${row.uid} ${key.systemId}`);
    const lostId = manager.credential_id;
    if (isRepeated) {
      const which = { systemId: key.systemId, credentialId: lostId };
      await revokeRunnerTokens(tx, actor, row, which, "replaced");
    }
    const { audiences, expires_at: end } = credential;
    const wanted = { systemId: key.systemId, audiences, expiresAt: now + ttl, parent: id };
    const issued = await issueRunnerToken(tx, deps, actor, row, wanted);
    // The first time stays the first: repeats neither go on for longer, nor prolong the grace.
    const at = credential.rotated_at?.getTime() ?? now;
    const until = isRepeated ? end.getTime() : Math.min(end.getTime(), now + grace);
    await markRotated(tx, { id, nonceHash, replacedBy: issued.credentialId, at, until });
    // A machine that was silent for long may be swept at this very moment.
    if (!(await setManagerCredential(tx, key, issued.credentialId))) {
      throw ended(actor, "revoked", "its manager is gone");
    }
    // Of a repeat nothing changes for the token that goes on: it is the lost one that died.
    const shrinks = isRepeated || until - now < toldMs;
    await bumpSubject(tx, row, {}, { shrinks, credentialId: isRepeated ? lostId : id });
    const of = { identity: runnerIdentity(row), realm: row.realm };
    const detail = { by: issued.credentialId, system_id: key.systemId, repeated: isRepeated };
    await appendAudit(tx, [{ event: "rotated", actor, credentialId: id, ...of, detail }]);
    return { issued, previousExpiresAt: new Date(until), isRepeated };
  });
  await deps.makeKnown([uid]);
  return rotated;
}

/** Which token a request means: that of the peer, or one of a realm where the peer manages runners. */
async function findMeant(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  credentialId: string,
): Promise<{ readonly id: string; readonly uid: string }> {
  const { record } = actor;
  const id = credentialId === "" ? record?.id : requestedCredentialId(credentialId);
  if (record !== undefined) {
    if (record.kind !== "runner") throw credentialRefused("it is no runner token");
    // None of its kind rotates another one's, whatever its realm gives it.
    if (id !== record.id) throw permissionRequired(runnerPermission);
    return { id, uid: record.subject.uid };
  }
  const wanted = requestedCredentialId(id ?? "");
  const view = await inReadTransaction(deps.storage, (tx) => readCredentialView(tx, wanted));
  if (view?.kind !== "runner" || !mayManageRunners(snapshot, actor, view.realm)) {
    throw noSuchSubject(snapshot, actor, runnerPermission, "credential", wanted);
  }
  return { id: wanted, uid: view.subjectUid };
}

/** Locks the runner of a token, and looks again at what may have ended since: a manager that is not there rotates nothing. */
async function lockOld(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  { id, uid }: { readonly id: string; readonly uid: string },
): Promise<Old> {
  const locked = await lockSubject(tx, { uid });
  const credential = await readCredentialOf(tx, uid, id);
  const systemId = credential?.system_id ?? undefined;
  const manager = systemId && (await readManager(tx, { runnerUid: uid, systemId }));
  if (locked === undefined || locked.row.deleted_at !== null) {
    throw gone(snapshot, actor, id, "subject_gone");
  }
  if (!isRealmDefined(snapshot, locked.row.realm)) throw gone(snapshot, actor, id, "realm_gone");
  if (credential === undefined || systemId === undefined) {
    throw gone(snapshot, actor, id, "unknown");
  }
  if (manager === undefined || manager === "") throw ended(actor, "revoked", "its manager is gone");
  return { ...locked, credential: { ...credential, system_id: systemId }, manager };
}

/** Whether the call repeats the one that rotated the token. Fails when it may not be rotated. */
async function judge(
  tx: Tx,
  deps: CredentialDeps,
  actor: Actor,
  { row, now, credential, manager }: Old,
  nonceHash: Uint8Array,
): Promise<boolean> {
  const { rotated_at: at, revoked_at: revokedAt, expires_at: end, nonce_hash: first } = credential;
  const isOver = now >= end.getTime();
  // Whoever shows it has kept a copy, also when it was revoked besides: its bearer is refused for that, as at the gate.
  const isCopy = at !== null && isOver;
  if (revokedAt !== null) {
    throw ended(actor, "revoked", "it was revoked", isCopy ? "rotated" : "revoked");
  }
  if (at === null) {
    if (isOver) throw ended(actor, "expired", "it has expired");
    return false;
  }
  const isSame = isRepeat(deps, { at, nonceHash: first }, nonceHash, now);
  if (isSame && (await isLost(tx, row.uid, credential, manager))) return true;
  if (isOver) throw ended(actor, "rotated", "it was rotated, and its grace is over");
  throw notTwice("rotated");
}

/** Whether nothing came of the answer: the token in it is the machine's newest, and nobody is known to have used it. */
async function isLost(
  tx: Tx,
  uid: string,
  { replaced_by: newerId }: CredentialRow,
  manager: ManagerRow,
): Promise<boolean> {
  if (newerId === null || manager.credential_id !== newerId) return false;
  const newer = await readCredentialOf(tx, uid, newerId);
  return newer?.revoked_at === null && newer.rotated_at === null && !(await wasUsed(tx, newerId));
}

function gone(snapshot: Snapshot, actor: Actor, id: string, refusal: Refusal): DomainError {
  if (actor.record !== undefined) return credentialRefused("it is gone", refusal);
  return noSuchSubject(snapshot, actor, runnerPermission, "credential", id);
}

// Its own bearer hears no more than at any other method; who manages the runner hears why.
function ended(
  { record }: Actor,
  from: "revoked" | "expired" | "rotated",
  why: string,
  refusal: Refusal = from,
): DomainError {
  return record === undefined ? notTwice(from) : credentialRefused(why, refusal);
}

function notTwice(from: string): DomainError {
  const message = `the credential is "${from}", and "rotated" cannot follow that`;
  return new DomainError("ILLEGAL_TRANSITION", message, {
    ...{ kind: "credential", from, to: "rotated" },
  });
}
