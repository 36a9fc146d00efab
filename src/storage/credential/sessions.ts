import { sql, type Selectable } from "kysely";
import type { CredentialTable } from "../schema.ts";
import type { Tx } from "../storage.ts";

/** A credential as storage holds it. */
export type CredentialRow = Readonly<Selectable<CredentialTable>>;

/** Reads a credential of a subject that this transaction has locked. */
export async function readCredentialOf(
  tx: Tx,
  subjectUid: string,
  id: string,
): Promise<CredentialRow | undefined> {
  return tx
    .selectFrom("credential")
    .selectAll()
    .where("id", "=", id)
    .where("subject_uid", "=", subjectUid)
    .executeTakeFirst();
}

/** Which tokens of sessions end: all of a bot, or only those that were not used up, but for one. */
export type EndedSessions =
  { readonly kind: "all" } | { readonly kind: "unused"; readonly but: string };

/** Revokes session and resume tokens of a bot that this transaction has locked, and gives their ids. */
export async function revokeSessions(
  tx: Tx,
  subjectUid: string,
  reason: string,
  ended: EndedSessions,
): Promise<readonly string[]> {
  let update = tx
    .updateTable("credential")
    .set({
      revoked_at: sql<Date>`now()`,
      revoke_reason: reason,
      version: sql<bigint>`version + 1`,
    })
    .where("subject_uid", "=", subjectUid)
    .where("kind", "in", ["session", "resume"])
    .where("revoked_at", "is", null)
    .returning("id");
  if (ended.kind === "unused") {
    update = update.where("used_at", "is", null).where("id", "!=", ended.but);
  }
  const rows = await update.execute();
  return rows.map(({ id }) => id).sort();
}

/** Notes that a resume token is used up: when, with which nonce, and for which session. The first use stays the first. */
export async function useUpResume(
  tx: Tx,
  id: string,
  nonceHash: Uint8Array,
  sessionId: string,
): Promise<void> {
  await tx
    .updateTable("credential")
    .set({
      used_at: sql<Date>`coalesce(used_at, now())`,
      nonce_hash: nonceHash,
      replaced_by: sessionId,
      version: sql<bigint>`version + 1`,
    })
    .where("id", "=", id)
    .execute();
}
