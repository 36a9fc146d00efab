import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { readRealmsOfDeleted } from "../../storage/credential/bots.ts";
import {
  bumpSubject,
  lockSubject,
  readSubject,
  type SubjectRow,
} from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { retrying } from "../../storage/transaction.ts";
import { requestedUuid } from "../credential/fields.ts";
import { noSuchSubject } from "../credential/require-permission.ts";
import { checkBotId, mayManage, refuseBearers } from "./bot-access.ts";
import { identityOf } from "./bot.ts";
import { writerOf } from "../credential/writer-of.ts";

/**
 * Deletes a bot: its tokens are dead, and its id is free; the row stays until its credentials are past their retention. That it is
 * gone already is no error for who could have deleted it. Fails with INVALID_FIELD, and as noSuchSubject.
 */
export async function deleteBot(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly id: string; readonly uid: string },
): Promise<void> {
  refuseBearers(actor);
  const { id } = input;
  checkBotId(id);
  const uid = input.uid === "" ? undefined : requestedUuid("uid", input.uid);
  const row = await retrying(() => readSubject(deps.storage.db, { kind: "bot", id }));
  if (!isToDelete(snapshot, actor, uid, row)) {
    return requireRight(deps, snapshot, actor, id, row);
  }
  const deleted = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const locked = await lockSubject(tx, { uid: row.uid });
    // Somebody else has deleted it meanwhile.
    if (locked === undefined || locked.row.deleted_at !== null) return undefined;
    const at = new Date(locked.now);
    await bumpSubject(tx, locked.row, { deleted_at: at, ended_at: at }, { shrinks: true });
    const identity = identityOf(row);
    await appendAudit(tx, [{ event: "bot_deleted", actor, identity, realm: row.realm }]);
    return row.uid;
  });
  if (deleted !== undefined) await deps.makeKnown([deleted]);
}

function isToDelete(
  snapshot: Snapshot,
  actor: Actor,
  uid: string | undefined,
  row: SubjectRow | undefined,
): row is SubjectRow {
  const isMeant = row !== undefined && (uid === undefined || row.uid === uid);
  return isMeant && mayManage(snapshot, actor, row.realm);
}

// Whoever manages the realm of a bot that had this id may know that it is gone; who has the id now, nobody hears.
async function requireRight(
  { storage }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  id: string,
  row: SubjectRow | undefined,
): Promise<void> {
  const gone = await retrying(() => readRealmsOfDeleted(storage.db, id));
  const realms = row === undefined ? gone : [...gone, row.realm];
  if (realms.some((realm) => mayManage(snapshot, actor, realm))) return;
  const error = noSuchSubject(snapshot, actor, "fleetgate.bots.manage", "bot", id);
  if (error.reason !== "NOT_FOUND") throw error;
}
