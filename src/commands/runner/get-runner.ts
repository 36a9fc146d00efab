import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { readRunner } from "../../storage/credential/runners.ts";
import { retrying } from "../../storage/transaction.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { permissionRequired } from "../credential/require-permission.ts";
import { checkRunnerId, managedRunner, runnerPermission } from "./runner-access.ts";
import { toRunner, type Runner } from "./runner.ts";

/**
 * Reads a runner; for a manager its own, by its id or without one, and no other whatever its realm gives it. Fails with INVALID_FIELD,
 * CREDENTIAL_REQUIRED, and as noSuchSubject.
 */
export async function getRunner(
  { storage }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { id }: { readonly id: string },
): Promise<Runner> {
  const { record } = actor;
  if (record !== undefined) {
    if (record.kind !== "runner") throw credentialRefused("it is no runner token");
    const { uid, id: own } = record.subject;
    if (id !== "" && id !== own) throw permissionRequired(runnerPermission);
    const row = await retrying(() => readRunner(storage.db, { uid }));
    if (row === undefined || row.deleted_at !== null) throw credentialRefused("its runner is gone");
    return toRunner(row);
  }
  if (id === "") throw invalidField("runner_id", "must be set, since the peer is no runner");
  checkRunnerId(id);
  const row = await retrying(() => readRunner(storage.db, { id }));
  return toRunner(managedRunner(snapshot, actor, id, row && { row }).row);
}
