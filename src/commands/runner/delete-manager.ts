import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { deleteManagers } from "../../storage/credential/managers.ts";
import { bumpSubject } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { refuseBearers } from "../bot/bot-access.ts";
import { writerOf } from "../credential/writer-of.ts";
import { checkSystemId, lockManagedRunner, requireManagedRunner } from "./runner-access.ts";
import { revokeRunnerTokens } from "./runner-token.ts";
import { runnerIdentity } from "./runner.ts";

/** Deletes a manager and revokes its tokens, rotated ones too. No manager is no error. Fails with INVALID_FIELD, and as noSuchSubject. */
export async function deleteManager(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { id, systemId }: { readonly id: string; readonly systemId: string },
): Promise<void> {
  refuseBearers(actor);
  checkSystemId(systemId);
  await requireManagedRunner(deps, snapshot, actor, id);
  const changed = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const { row } = await lockManagedRunner(tx, snapshot, actor, id);
    const isRevoked = await revokeRunnerTokens(tx, actor, row, { systemId }, "manager_deleted");
    if (isRevoked) await bumpSubject(tx, row, {}, { shrinks: true });
    const isDeleted = (await deleteManagers(tx, row.uid, systemId)) > 0;
    if (isDeleted) {
      const of = { identity: runnerIdentity(row), realm: row.realm };
      const detail = { system_id: systemId };
      await appendAudit(tx, [{ event: "manager_deleted", actor, ...of, detail }]);
    }
    return isRevoked ? row.uid : undefined;
  });
  if (changed !== undefined) await deps.makeKnown([changed]);
}
