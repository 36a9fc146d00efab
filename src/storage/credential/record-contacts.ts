import { sql } from "kysely";
import type { ManagerInfo } from "../../domain/credential/manager-info.ts";
import { translateStorageError } from "../errors.ts";
import { jsonChunks } from "../json-chunks.ts";
import type { Storage } from "../storage.ts";
import type { ManagerKey } from "./managers.ts";

/** How much older what is recorded must be than what was heard for that to be worth a write. */
const apart = sql`interval '55 seconds'`;

/** What one process heard of a manager since it last wrote that. */
export interface ContactToRecord extends ManagerKey {
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
 * Records what was heard of managers. What was heard within a minute of what is recorded is left out, so that a manager costs about one
 * write a minute however many replicas hear it; but that it is ready for the first time is worth one, and so is what it says anew of
 * itself when there is none newer. Returns those that said something of themselves that is not recorded yet: to be tried again later.
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
      const isWorth = sql`(c.contacted_at is null or c.contacted_at <= excluded.contacted_at - ${apart}
        or (excluded.is_ready and not c.is_ready)
        or (c.info || excluded.info <> c.info and c.contacted_at <= now() - ${apart}))`;
      const { rows } = await sql<ManagerKey>`
        with given as (
          select "runnerUid" as runner_uid, "systemId" as system_id, at, ready,
            nullif(source, '') as source, info
          from json_to_recordset(${json}::json) as r
            ("runnerUid" uuid, "systemId" text, at timestamptz, ready boolean, source text, info jsonb)
        ), present as (
          select m.runner_uid, m.system_id from manager as m
          join given as g on g.runner_uid = m.runner_uid and g.system_id = m.system_id collate "C"
          order by m.runner_uid, m.system_id for key share of m
        ), excluded as (
          select g.runner_uid, g.system_id, least(g.at, now()) as contacted_at, g.ready as is_ready,
            g.source, g.info
          from given as g
          join present as p on p.runner_uid = g.runner_uid and p.system_id = g.system_id collate "C"
        ), worth as (
          select excluded.* from excluded
          left join manager_contact as c
            on c.runner_uid = excluded.runner_uid and c.system_id = excluded.system_id collate "C"
          where c.runner_uid is null or ${isWorth}
        ), noted as (
          insert into manager_contact as c
            (runner_uid, system_id, contacted_at, is_ready, source, info)
          select runner_uid, system_id, contacted_at, is_ready, source, info from worth
          order by runner_uid, system_id
          on conflict (runner_uid, system_id) do update
          set contacted_at = greatest(c.contacted_at, excluded.contacted_at),
            is_ready = c.is_ready or excluded.is_ready,
            source = coalesce(excluded.source, c.source),
            info = c.info || excluded.info
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
