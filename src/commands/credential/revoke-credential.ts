import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import {
  readCredentialView,
  readNamesakes,
  type NamedSubject,
} from "../../storage/credential/list-credentials.ts";
import { revokeCredentials } from "../../storage/credential/revoke.ts";
import { bumpSubject, lockSubject } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { checkText } from "../input.ts";
import { requestedCredentialId, requestedSubject } from "./named-subject.ts";
import { mayIn, noSuchSubject } from "./require-permission.ts";
import { writerOf } from "./writer-of.ts";

/** What to revoke; see CredentialService.RevokeCredential. */
export interface RevokeCredentialInput {
  /** One credential; empty: all of `identity`. */
  readonly credentialId: string;
  readonly identity: string;
  readonly reason: string;
}

/** What a request means, once its form was checked. */
interface Target {
  /** The words for an error. */
  readonly kind: string;
  readonly name: string;
  readonly credentialId: string | undefined;
  /** The subjects that may be meant. */
  readonly find: (tx: Tx) => Promise<readonly NamedSubject[]>;
}

/**
 * Ends one credential, or all of a subject, and gives how many ended by this: 0 when nothing was left to end. Fails with
 * INVALID_FIELD, PERMISSION_REQUIRED, NOT_FOUND or STORAGE_UNAVAILABLE.
 */
export async function revokeCredential(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: RevokeCredentialInput,
): Promise<number> {
  checkText("reason", input.reason);
  const target = targetOf(input);
  const reason = input.reason === "" ? "requested" : input.reason;
  const permission = "fleetgate.credentials.revoke";
  const { uid, revoked } = await inCredentialTransaction(
    deps.storage,
    writerOf(actor),
    async (tx) => {
      const subjects = await target.find(tx);
      const mine = subjects.filter(({ realm }) => mayIn(snapshot, actor, permission, realm));
      if (mine.length === 0) {
        throw noSuchSubject(snapshot, actor, permission, target.kind, target.name);
      }
      // One at most has the id now; what those before it had ended with them.
      const live = mine.find(({ deleted }) => !deleted);
      const count = live && (await revokeOf(tx, live.uid, target.credentialId, actor, reason));
      return { uid: live?.uid, revoked: count ?? 0 };
    },
  );
  if (uid !== undefined && revoked > 0) await deps.makeKnown([uid]);
  return revoked;
}

function targetOf({ credentialId, identity }: RevokeCredentialInput): Target {
  if ((credentialId === "") === (identity === "")) {
    throw invalidField("credential_id", "give this or identity, one of the two");
  }
  if (credentialId !== "") {
    const id = requestedCredentialId(credentialId);
    const find = async (tx: Tx) => {
      const view = await readCredentialView(tx, id);
      return view === undefined
        ? []
        : [{ uid: view.subjectUid, realm: view.realm, deleted: false }];
    };
    return { kind: "credential", name: id, credentialId: id, find };
  }
  const { kind, id } = requestedSubject(identity);
  return { kind, name: id, credentialId: undefined, find: (tx) => readNamesakes(tx, kind, id) };
}

async function revokeOf(
  tx: Tx,
  uid: string,
  credentialId: string | undefined,
  actor: Actor,
  reason: string,
): Promise<number> {
  const locked = await lockSubject(tx, { uid });
  if (locked === undefined || locked.row.deleted_at !== null) return 0;
  const { row } = locked;
  const ids = await revokeCredentials(tx, { subjectUid: uid, credentialId, reason });
  if (ids.length === 0) return 0;
  await bumpSubject(tx, row, {}, { shrinks: true, ...(credentialId && { credentialId }) });
  await appendAudit(
    tx,
    ids.map((id) => ({
      event: "revoked",
      actor,
      credentialId: id,
      identity: `${row.kind}:${row.subject_id}`,
      realm: row.realm,
      reason,
    })),
  );
  return ids.length;
}
