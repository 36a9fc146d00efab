import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { deleteManagers } from "../../storage/credential/managers.ts";
import { readNamesakes } from "../../storage/credential/list-credentials.ts";
import { bumpSubject, lockSubject } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import { refuseBearers } from "../bot/bot-access.ts";
import { noSuchSubject } from "../credential/require-permission.ts";
import { writerOf } from "../credential/writer-of.ts";
import { checkRunnerId, mayManageRunners, runnerPermission } from "./runner-access.ts";
import { runnerIdentity } from "./runner.ts";

/**
 * Deletes a runner with its managers: its tokens are dead, and its id is free; the row stays until its credentials are past their
 * retention. That it is gone already is no error for who could have deleted it. Fails with INVALID_FIELD, and as noSuchSubject.
 */
export async function deleteRunner(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { id }: { readonly id: string },
): Promise<void> {
  refuseBearers(actor);
  checkRunnerId(id);
  const all = await inReadTransaction(deps.storage, (tx) => readNamesakes(tx, "runner", id));
  const live = all.find(({ deleted }) => !deleted);
  if (live === undefined || !mayManageRunners(snapshot, actor, live.realm)) {
    // Whoever manages the realm of one that had this id may know that it is gone; who has the id now, nobody hears.
    if (all.some(({ realm }) => mayManageRunners(snapshot, actor, realm))) return;
    const error = noSuchSubject(snapshot, actor, runnerPermission, "runner", id);
    if (error.reason === "NOT_FOUND") return;
    throw error;
  }
  const deleted = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const locked = await lockSubject(tx, { uid: live.uid });
    // Somebody else has deleted it meanwhile.
    if (locked === undefined || locked.row.deleted_at !== null) return undefined;
    const { row, now } = locked;
    const managers = await deleteManagers(tx, row.uid);
    const at = new Date(now);
    await bumpSubject(tx, row, { deleted_at: at, ended_at: at }, { shrinks: true });
    const of = { identity: runnerIdentity(row), realm: row.realm, detail: { managers } };
    await appendAudit(tx, [{ event: "runner_deleted", actor, ...of }]);
    return row.uid;
  });
  if (deleted !== undefined) await deps.makeKnown([deleted]);
}
