import { sql } from "kysely";
import type { ManagerInfo } from "../../domain/credential/manager-info.ts";
import { translateStorageError } from "../errors.ts";
import { jsonChunks } from "../json-chunks.ts";
import type { Storage } from "../storage.ts";
import type { ManagerKey } from "./managers.ts";

/** How long ago what is recorded must have been written. */
const apart = sql`interval '55 seconds'`;

/** What one process heard of a manager since it last wrote that. */
export interface ContactToRecord extends ManagerKey {
  /** The token by which: of one that was revoked, or that a manager of this name had before it was deleted, nothing is recorded. */
  readonly credentialId: string;
  /** When last, milliseconds since 1970 of the database's clock. */
  readonly at: number;
  /** Whether it said that it is ready for work. */
  readonly ready: boolean;
  /** The address from which; empty: not known. */
  readonly source: string;
  /** What it said of itself; undefined: nothing. */
  readonly info: ManagerInfo | undefined;
}

/**
 * Records what was heard of managers, of one by several of its tokens too. What comes within a minute of the last write is left out, so
 * that a manager costs about one write a minute however many replicas hear it; but that it is ready for the first time is worth one.
 * Returns those that said something of themselves that is not recorded yet: to be tried again later.
 * Nothing is recorded of managers that were deleted. Throws a DomainError.
 */
export async function recordContacts(
  storage: Storage,
  contacts: Iterable<ContactToRecord>,
): Promise<readonly ManagerKey[]> {
  const left: ManagerKey[] = [];
  try {
    for (const { json } of jsonChunks(contacts, ({ at, info = {}, ...contact }) => ({
      ...{ ...contact, info, at: new Date(at).toISOString() },
    }))) {
      // In the order of keys, so that replicas that do this at once do not deadlock; who waited for another one looks again. The row of
      // the manager is held, so that who deletes it sees what was recorded.
      const isWorth = sql`(c.contacted_at is null or (excluded.is_ready and not c.is_ready)
        or ((c.written_at is null or c.written_at <= now() - ${apart})
          and (excluded.contacted_at > c.contacted_at or c.info || excluded.info <> c.info)))`;
      const { rows } = await sql<ManagerKey>`
        with given as (
          select r."runnerUid" as runner_uid, r."systemId" as system_id, r.at, r.ready,
            nullif(r.source, '') as source, r.info
          from json_to_recordset(${json}::json) as r
            ("runnerUid" uuid, "systemId" text, "credentialId" text, at timestamptz, ready boolean,
              source text, info jsonb)
          join credential as t on t.id = r."credentialId" collate "C"
          where t.subject_uid = r."runnerUid" and t.revoked_at is null
        ), present as (
          select m.runner_uid, m.system_id from manager as m
          join given as g on g.runner_uid = m.runner_uid and g.system_id = m.system_id collate "C"
          order by m.runner_uid, m.system_id for key share of m
        ), excluded as (
          select g.runner_uid, g.system_id, least(max(g.at), now()) as contacted_at,
            bool_or(g.ready) as is_ready,
            (array_agg(g.source order by g.at desc) filter (where g.source is not null))[1] as source,
            coalesce(jsonb_object_agg(s.key, s.value order by g.at) filter (where s.key is not null), '{}')
              as info
          from given as g
          join present as p on p.runner_uid = g.runner_uid and p.system_id = g.system_id collate "C"
          left join jsonb_each(g.info) as s on true
          group by g.runner_uid, g.system_id
        ), worth as (
          select excluded.* from excluded
          left join manager_contact as c
            on c.runner_uid = excluded.runner_uid and c.system_id = excluded.system_id collate "C"
          where c.runner_uid is null or ${isWorth}
        ), noted as (
          insert into manager_contact as c
            (runner_uid, system_id, contacted_at, is_ready, source, info, written_at)
          select runner_uid, system_id, contacted_at, is_ready, source, info, now() from worth
          order by runner_uid, system_id
          on conflict (runner_uid, system_id) do update
          set contacted_at = greatest(c.contacted_at, excluded.contacted_at),
            is_ready = c.is_ready or excluded.is_ready,
            source = coalesce(excluded.source, c.source),
            info = c.info || excluded.info,
            written_at = excluded.written_at
          where ${isWorth}
          returning c.runner_uid, c.system_id
        )
        select excluded.runner_uid as "runnerUid", excluded.system_id as "systemId" from excluded
        join manager_contact as c
          on c.runner_uid = excluded.runner_uid and c.system_id = excluded.system_id collate "C"
        where c.info || excluded.info <> c.info
          and not exists (
            select from noted as n
            where n.runner_uid = excluded.runner_uid and n.system_id = excluded.system_id collate "C"
          )`.execute(storage.db);
      left.push(...rows);
    }
  } catch (error) {
    throw translateStorageError(error);
  }
  return left;
}
