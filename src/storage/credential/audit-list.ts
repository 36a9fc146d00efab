import { sql } from "kysely";
import type { Db, Tx } from "../storage.ts";

/** An audit event as it is shown. */
export interface AuditView {
  /** Rises from event to event. */
  readonly id: bigint;
  readonly at: Date;
  readonly event: string;
  readonly credentialId: string | null;
  readonly identity: string | null;
  readonly realm: string | null;
  readonly reason: string | null;
  readonly caller: string | null;
  readonly source: string | null;
  readonly requestId: string | null;
  readonly count: bigint;
  /** What else is to be said of such an event. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Which audit events to list; undefined: all. */
export interface AuditFilter {
  readonly realm: string | undefined;
  readonly identity: string | undefined;
  readonly credentialId: string | undefined;
  /** Only those before this id. */
  readonly before: bigint | undefined;
}

/** Lists audit events, at most `limit`, the newest first. */
export async function listAudit(
  db: Db | Tx,
  { realm, identity, credentialId, before }: AuditFilter,
  limit: number,
): Promise<readonly AuditView[]> {
  let query = db
    .selectFrom("credential_audit")
    .select([
      "id",
      "at",
      "event",
      "identity",
      "realm",
      "reason",
      "caller",
      "source",
      "count",
      "detail",
    ])
    .select(["credential_id", "request_id"])
    .orderBy("id", "desc")
    .limit(limit);
  if (realm !== undefined) query = query.where("realm", "=", realm);
  if (identity !== undefined) query = query.where("identity", "=", identity);
  if (credentialId !== undefined) query = query.where("credential_id", "=", credentialId);
  if (before !== undefined)
    query = query.where("id", "<", sql<bigint>`${before.toString()}::bigint`);
  const rows = await query.execute();
  return rows.map(({ credential_id: credential, request_id: requestId, ...row }) => ({
    ...row,
    credentialId: credential,
    requestId,
  }));
}
