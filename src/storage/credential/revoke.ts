import { sql } from "kysely";
import type { Tx } from "../storage.ts";

/** Which credentials of a subject to revoke. */
export interface RevokeFilter {
  readonly subjectUid: string;
  /** Only this one; undefined: all. */
  readonly credentialId: string | undefined;
  /** Only those of this machine of a runner; absent: of all. */
  readonly systemId?: string;
  /** Why, as it is kept with each. */
  readonly reason: string;
}

/**
 * Revokes credentials of a subject that this transaction has locked, and gives their ids. What was revoked before, has expired or is
 * used up stays as it is.
 */
export async function revokeCredentials(
  tx: Tx,
  { subjectUid, credentialId, systemId, reason }: RevokeFilter,
): Promise<readonly string[]> {
  let query = tx
    .updateTable("credential")
    .set({
      revoked_at: sql<Date>`now()`,
      revoke_reason: reason,
      version: sql<bigint>`version + 1`,
    })
    .where("subject_uid", "=", subjectUid)
    .where("revoked_at", "is", null)
    .where("used_at", "is", null)
    .where("expires_at", ">", sql<Date>`now()`)
    .returning("id");
  if (credentialId !== undefined) query = query.where("id", "=", credentialId);
  if (systemId !== undefined) query = query.where("system_id", "=", systemId);
  const rows = await query.execute();
  return rows.map(({ id }) => id).sort();
}
