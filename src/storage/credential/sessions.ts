import { sql, type Selectable } from "kysely";
import type { Tx } from "../storage.ts";
import type { CredentialTable } from "./schema.ts";

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

/** What became of the tokens that were revoked. */
export interface RevokedSessions {
  /** Whether there were any. */
  readonly some: boolean;
  /** The ids of those that were still good for something: neither used up nor expired. */
  readonly live: readonly string[];
}

/** Revokes session and resume tokens of a bot that this transaction has locked. */
export async function revokeSessions(
  tx: Tx,
  subjectUid: string,
  reason: string,
  ended: EndedSessions,
): Promise<RevokedSessions> {
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
    .returning(["id", sql<boolean>`used_at is null and expires_at > now()`.as("was_live")]);
  if (ended.kind === "unused") {
    update = update.where("used_at", "is", null).where("id", "!=", ended.but);
  }
  const rows = await update.execute();
  const live = rows.filter((row) => row.was_live).map(({ id }) => id);
  return { some: rows.length > 0, live: live.sort() };
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
