import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { insertCredential } from "../../storage/credential/new-credential.ts";
import { revokeCredentials } from "../../storage/credential/revoke.ts";
import type { SubjectRow } from "../../storage/credential/subjects.ts";
import type { Tx } from "../../storage/storage.ts";
import type { Lifetimes } from "../credential/fields.ts";
import { mintToken } from "../credential/mint-token.ts";
import type { IssuedToken } from "./create-enroll-token.ts";
import { runnerIdentity } from "./runner.ts";

/** How long a runner token may live. */
export const runnerTokenLifetimes: Lifetimes = {
  min: 3_600_000,
  max: 90 * 86_400_000,
  usual: 30 * 86_400_000,
  words: "1 hour to 90 days",
};

/** A runner token that is to be issued. */
export interface WantedRunnerToken {
  readonly systemId: string;
  readonly audiences: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The credential that had it issued. */
  readonly parent: string;
}

/** Issues a token for a machine of a runner that this transaction has locked. */
export async function issueRunnerToken(
  tx: Tx,
  deps: CredentialDeps,
  actor: Actor,
  row: SubjectRow,
  { systemId, audiences, expiresAt, parent }: WantedRunnerToken,
): Promise<IssuedToken> {
  const minted = mintToken(deps, "runner");
  await insertCredential(tx, {
    ...{ id: minted.id, kind: "runner", subjectUid: row.uid, secretHash: minted.secretHash },
    ...{ generation: row.generation, epoch: row.epoch, expiresAt, issuedBy: actor.identity },
    ...{ audiences, systemId, parent },
  });
  const of = { credentialId: minted.id, identity: runnerIdentity(row), realm: row.realm };
  const detail = { parent, system_id: systemId };
  await appendAudit(tx, [{ event: "issued", actor, ...of, reason: "runner", detail }]);
  return { token: minted.token, credentialId: minted.id, expiresAt: new Date(expiresAt) };
}

/** Revokes tokens of a machine of a locked runner: one, or all. Whether any ended by it. */
export async function revokeRunnerTokens(
  tx: Tx,
  actor: Actor,
  row: SubjectRow,
  which: { readonly systemId: string; readonly credentialId?: string },
  reason: "replaced" | "manager_deleted",
): Promise<boolean> {
  const { systemId, credentialId } = which;
  const ids = await revokeCredentials(tx, { subjectUid: row.uid, credentialId, systemId, reason });
  const of = { identity: runnerIdentity(row), realm: row.realm, reason };
  await appendAudit(
    tx,
    ids.map((id) => ({ event: "revoked", actor, credentialId: id, ...of })),
  );
  return ids.length > 0;
}
