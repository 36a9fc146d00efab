import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import {
  readCredentialView,
  type CredentialView,
} from "../../storage/credential/list-credentials.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import { requestedCredentialId } from "./named-subject.ts";
import { mayIn, noSuchSubject } from "./require-permission.ts";
import { toShownCredential } from "./shown-credential.ts";

/** Reads a credential by its public id. Fails with INVALID_FIELD, PERMISSION_REQUIRED, NOT_FOUND or STORAGE_UNAVAILABLE. */
export async function getCredential(
  { storage }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  credentialId: string,
): Promise<CredentialView> {
  const id = requestedCredentialId(credentialId);
  const found = await inReadTransaction(storage, (tx) => readCredentialView(tx, id));
  const permission = "fleetgate.credentials.introspect";
  if (found === undefined || !mayIn(snapshot, actor, permission, found.realm)) {
    throw noSuchSubject(snapshot, actor, permission, "credential", id);
  }
  return toShownCredential(snapshot, found);
}
