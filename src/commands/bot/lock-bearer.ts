import type { CredentialRecord } from "../../domain/credential/subject.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { readCredentialOf, type CredentialRow } from "../../storage/credential/sessions.ts";
import { lockSubject, type LockedSubject } from "../../storage/credential/subjects.ts";
import type { Tx } from "../../storage/storage.ts";
import { botPermits, type BotUse } from "../../domain/credential/gates.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { isRealmDefined } from "../credential/require-permission.ts";
import { statesOf } from "./bot.ts";

/** A bot or a runner that shows a credential of its own, both as they are under the lock of its row. */
export interface LockedBearer extends LockedSubject {
  readonly credential: CredentialRow;
}

/**
 * Locks the bot or the runner of a credential and judges the credential again by what is stored: what the gate knew may be 2 seconds
 * old, and whatever writes must not be. Only the secret is not looked at again. Neither is whether the token is used up, nor the
 * states of the bot: see requireUse. Fails with CREDENTIAL_REQUIRED.
 */
export async function lockBearer(
  tx: Tx,
  snapshot: Snapshot,
  record: CredentialRecord,
): Promise<LockedBearer> {
  const locked = await lockSubject(tx, { uid: record.subject.uid });
  const credential = await readCredentialOf(tx, record.subject.uid, record.id);
  if (locked === undefined || credential === undefined)
    throw credentialRefused("it is gone", "unknown");
  const { row, now } = locked;
  if (credential.kind !== record.kind)
    throw credentialRefused("it is of another kind", "wrong_kind");
  if (now >= credential.expires_at.getTime()) throw credentialRefused("it has expired", "expired");
  if (credential.revoked_at !== null) throw credentialRefused("it was revoked", "revoked");
  if (row.deleted_at !== null) throw credentialRefused("its subject was deleted", "subject_gone");
  if (row.generation !== credential.generation) {
    throw credentialRefused("it is of another generation", "generation");
  }
  if (!isRealmDefined(snapshot, row.realm))
    throw credentialRefused("its realm is gone", "realm_gone");
  if (credential.kind === "session" && row.epoch !== credential.epoch) {
    throw credentialRefused("it is of another epoch", "epoch");
  }
  return { ...locked, credential };
}

/** Checks that the states of a bot permit a use. Fails with CREDENTIAL_REQUIRED. */
export function requireUse(use: BotUse, { row }: Pick<LockedBearer, "row">): void {
  const { runnerState, instanceState } = statesOf(row);
  if (!botPermits(use, runnerState, instanceState)) {
    throw credentialRefused(
      `the state ${runnerState}/${instanceState} does not permit it`,
      "state",
    );
  }
}
