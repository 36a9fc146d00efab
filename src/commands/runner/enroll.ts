import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { ManagerInfo } from "../../domain/credential/manager-info.ts";
import { DomainError } from "../../domain/errors.ts";
import { parseIdentity } from "../../domain/identity.ts";
import { quote } from "../../domain/quote.ts";
import { withoutStack } from "../../domain/without-stack.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import {
  countEnrolment,
  countManagers,
  hasLiveCredential,
  readManager,
  saveEnrolment,
  type ManagerKey,
  type ManagerRow,
} from "../../storage/credential/managers.ts";
import { readRunner } from "../../storage/credential/runners.ts";
import { readCredentialOf } from "../../storage/credential/sessions.ts";
import { bumpSubject } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { lockBearer, type LockedBearer } from "../bot/lock-bearer.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { requestedAudiences, requestedLifetime } from "../credential/fields.ts";
import { isRepeat, requestedNonce } from "../credential/nonce.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { writerOf } from "../credential/writer-of.ts";
import type { IssuedToken } from "./create-enroll-token.ts";
import { requestedInfo, type SaidInfo } from "./requested-info.ts";
import { checkSystemId, mayFillPool } from "./runner-access.ts";
import { issueRunnerToken, revokeRunnerTokens, runnerTokenLifetimes } from "./runner-token.ts";
import { runnerIdentity, toRunner, type Runner } from "./runner.ts";

/** See EnrollRequest. */
export interface EnrollInput {
  readonly systemId: string;
  readonly info: SaidInfo | undefined;
  /** Who knows it may repeat the call. */
  readonly nonce: string;
  /** Milliseconds; undefined: the usual. */
  readonly ttl: number | undefined;
  readonly audiences: readonly string[];
}

/** How a machine came to its token: as a new manager, as one that had no live credential any more, or because its answer was lost. */
export type EnrolledHow = "new" | "again" | "repeated";

/** A machine that just enrolled. */
export interface Enrolled {
  readonly issued: IssuedToken;
  readonly runner: Runner;
  readonly how: EnrolledHow;
}

/** What a request means, once its form was checked. */
interface Wanted extends Omit<EnrollInput, "info" | "nonce" | "ttl"> {
  readonly info: ManagerInfo | undefined;
  readonly nonceHash: Uint8Array;
  readonly ttl: number;
}

/**
 * Makes a machine a manager of the runner whose enrolment token it shows. All of it is one transaction under the lock of the runner: what
 * fails uses nothing up, and of many at once no more succeed than there are uses and places (U41, U74). Fails with CREDENTIAL_REQUIRED,
 * INVALID_FIELD, ALREADY_EXISTS (`manager`) and LIMIT_EXCEEDED (`managers`, `subject_writes`).
 */
export async function enroll(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: EnrollInput,
): Promise<Enrolled> {
  const { record } = actor;
  if (record?.kind !== "enroll") throw credentialRefused("only an enrolment token enrols");
  const wanted = requested(input);
  const enrolled = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const bearer = await lockBearer(tx, snapshot, record);
    requireItsPool(snapshot, bearer);
    const { row, credential } = bearer;
    const key = { runnerUid: row.uid, systemId: wanted.systemId };
    const manager = await readManager(tx, key);
    const isRepeated = await repeats(tx, deps, bearer, manager, wanted.nonceHash);
    const how = isRepeated ? "repeated" : manager === undefined ? "new" : "again";
    if (isRepeated) {
      const which = { systemId: wanted.systemId, credentialId: manager?.credential_id ?? "" };
      await revokeRunnerTokens(tx, actor, row, which, "replaced");
      await bumpSubject(tx, row, {}, { shrinks: true, credentialId: which.credentialId });
    } else {
      await takePlace(tx, bearer, key, manager);
    }
    requireAllowance(deps.storage, actor, `${row.uid} ${wanted.systemId}`);
    // The first time stays the first: repeats do not go on for longer.
    const at = isRepeated ? manager?.enrolled_at.getTime() : bearer.now;
    const issued = await issueFor(tx, deps, actor, bearer, { ...wanted, at: at ?? bearer.now });
    const of = { credentialId: issued.credentialId, realm: row.realm };
    const detail = { system_id: wanted.systemId, by: credential.id, how };
    const identity = runnerIdentity(row);
    await appendAudit(tx, [{ event: "enrolled", actor, identity, ...of, detail }]);
    const after = await readRunner(tx, { uid: row.uid });
    if (after === undefined) throw credentialRefused("its runner is gone", "subject_gone");
    return { issued, runner: toRunner(after), how } as const;
  });
  // A credential that is new makes nothing untrue that is known of others.
  if (enrolled.how === "repeated") await deps.makeKnown([record.subject.uid]);
  return enrolled;
}

// Who issued the token must be able to still: see mayFillPool.
function requireItsPool(snapshot: Snapshot, { row, credential }: LockedBearer): void {
  const issuer = parseIdentity(credential.issued_by);
  const who = issuer && { identity: issuer, record: undefined };
  if (who !== undefined && mayFillPool(snapshot, who, row)) return;
  const why = "its runner is in a pool of a realm where its issuer manages no runners";
  throw credentialRefused(why, "forbidden_realm");
}

function requested({ info, nonce, ttl, ...rest }: EnrollInput): Wanted {
  checkSystemId(rest.systemId);
  return {
    systemId: rest.systemId,
    info: requestedInfo(info),
    nonceHash: requestedNonce(nonce),
    ttl: requestedLifetime("ttl", ttl, runnerTokenLifetimes),
    audiences: requestedAudiences(rest.audiences),
  };
}

/** Whether the call is the one again by which the machine enrolled a moment ago, and nothing came of the answer since. */
async function repeats(
  tx: Tx,
  deps: CredentialDeps,
  { row, now, credential }: LockedBearer,
  manager: ManagerRow | undefined,
  nonceHash: Uint8Array,
): Promise<boolean> {
  if (manager === undefined || manager.enrolled_by !== credential.id) return false;
  const first = { at: manager.enrolled_at, nonceHash: manager.nonce_hash };
  if (!isRepeat(deps, first, nonceHash, now)) return false;
  // A token that was rotated, or revoked, did arrive.
  const issued = await readCredentialOf(tx, row.uid, manager.credential_id);
  return issued?.parent === credential.id && issued.revoked_at === null && !issued.rotated_at;
}

/** Counts a use of the token, and a place if the machine is new. */
async function takePlace(
  tx: Tx,
  { row, now, credential }: LockedBearer,
  key: ManagerKey,
  manager: ManagerRow | undefined,
): Promise<void> {
  if (credential.used_at !== null) throw usedUp();
  if (manager !== undefined && (await hasLiveCredential(tx, key, now))) {
    throw alreadyEnrolled(key.systemId);
  }
  const max = row.max_managers ?? 0;
  if (manager === undefined && (await countManagers(tx, row.uid)) >= max) throw isFull(max);
  if (!(await countEnrolment(tx, credential.id))) {
    throw usedUp();
  }
}

async function issueFor(
  tx: Tx,
  deps: CredentialDeps,
  actor: Actor,
  { row, now, credential }: LockedBearer,
  { systemId, ttl, audiences, nonceHash, info, at }: Wanted & { readonly at: number },
): Promise<IssuedToken> {
  const wanted = { systemId, audiences, expiresAt: now + ttl, parent: credential.id };
  const issued = await issueRunnerToken(tx, deps, actor, row, wanted);
  const { credentialId } = issued;
  const how = { credentialId, enrolledBy: credential.id, nonceHash, at, info };
  await saveEnrolment(tx, { runnerUid: row.uid, systemId, ...how });
  return issued;
}

function usedUp(): DomainError {
  return credentialRefused("it was used as often as it may be", "used_up");
}

function alreadyEnrolled(name: string): DomainError {
  const message = `the machine ${quote(name)} has a live credential; rotate it, or have the manager deleted`;
  return withoutStack(() => new DomainError("ALREADY_EXISTS", message, { kind: "manager", name }));
}

function isFull(max: number): DomainError {
  const message = `the runner has ${max} managers, as many as it may; delete one, or create another runner`;
  return withoutStack(() => new DomainError("LIMIT_EXCEEDED", message, { limit: "managers" }));
}
