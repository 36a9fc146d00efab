import { sql } from "kysely";
import { translateStorageError } from "../errors.ts";
import { jsonChunks } from "../json-chunks.ts";
import type { Storage } from "../storage.ts";
import type { AuditActor } from "./audit.ts";

/** How much older a recorded use must be than a new one for the new one to be worth a write. */
const apart = sql`interval '55 seconds'`;

/** The uses of a credential that one process saw since it last wrote them. Times are milliseconds since 1970 of the database's clock. */
export interface CredentialUses {
  readonly firstAt: number;
  readonly lastAt: number;
  /** Who showed it first, or asked about it. */
  readonly firstBy: AuditActor;
}

/**
 * Records when credentials (by id) were last used, and writes the first use of
 * each into the audit, once over all replicas. A use within a minute of a recorded one is left out, so that a credential costs
 * at most about one write a minute however many replicas see it; so is one that does not exist. Throws a DomainError.
 */
export async function recordUses(
  storage: Storage,
  uses: Iterable<readonly [id: string, uses: CredentialUses]>,
): Promise<void> {
  try {
    for (const { json } of jsonChunks(uses, ([id, { firstAt, lastAt, firstBy }]) => ({
      id,
      first: new Date(firstAt).toISOString(),
      at: new Date(lastAt).toISOString(),
      ...firstBy,
    }))) {
      // In the order of ids, so that replicas that do this at once do not deadlock; who waited for another one looks again.
      // A row that this statement inserted, and no other replica before it, has no xmax.
      await sql`
        with given as (
          select id, first, at, nullif(caller, '') as caller, nullif(source, '') as source,
            nullif("requestId", '') as request_id
          from json_to_recordset(${json}::json)
            as r (id text, first timestamptz, at timestamptz, caller text, source text, "requestId" text)
        ), noted as (
          insert into credential_use (id, first_used_at, last_used_at)
          select r.id, least(r.first, now()), least(r.at, now())
          from given as r
          join credential as c on c.id = r.id
          left join credential_use as u on u.id = r.id
          where u.id is null or u.last_used_at <= r.at - ${apart}
          order by r.id
          on conflict (id) do update
          set last_used_at = excluded.last_used_at
          where credential_use.last_used_at <= excluded.last_used_at - ${apart}
          returning id, first_used_at, xmax::text = '0' as is_first
        )
        insert into credential_audit
          (at, event, credential_id, identity, realm, caller, source, request_id)
        select n.first_used_at, 'first_used', n.id, s.kind || ':' || s.subject_id, s.realm,
          r.caller, r.source, r.request_id
        from noted as n
        join given as r on r.id = n.id
        join credential as c on c.id = n.id
        join subject as s on s.uid = c.subject_uid
        where n.is_first
        order by n.id
      `.execute(storage.db);
    }
  } catch (error) {
    throw translateStorageError(error);
  }
}
