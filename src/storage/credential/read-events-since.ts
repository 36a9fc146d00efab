import { sql } from "kysely";
import type { Db } from "../storage.ts";
import { serverOfLog } from "./read-events.ts";

/** What somebody missed who was away. */
export interface MissedEvents {
  /** In the order of the log. At most one more than were asked for. */
  readonly events: readonly MissedEvent[];
  /** Which run of which server answered. */
  readonly server: string;
  /** Below this transaction id, everything that ever commits has committed. */
  readonly xmin: bigint;
  /** The first transaction id that was not given to anybody yet. */
  readonly xmax: bigint;
  /** The clock of the database before it read, milliseconds since 1970. */
  readonly now: number;
}

/** A change that somebody missed. */
export interface MissedEvent {
  readonly subjectUid: string;
  /** The credential that changed; undefined: the subject. */
  readonly credentialId: string | undefined;
  readonly realm: string;
  readonly version: bigint;
}

interface Row {
  readonly subject_uid: string | null;
  readonly credential_id: string | null;
  readonly realm: string;
  readonly version: bigint;
  readonly server: string;
  readonly xmin: string;
  readonly xmax: string;
  readonly now: Date;
}

/**
 * Reads what changed in the transactions from `xmin` on, as far as they have committed: at most `limit` changes and one more, which
 * says that there are more. So many rows are looked at, however long the log is. Throws whatever the query does.
 */
export async function readEventsSince(db: Db, xmin: bigint, limit: number): Promise<MissedEvents> {
  const { rows } = await sql<Row>`
    select p.*, e.* from (
      select ${serverOfLog} as server, pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
        pg_snapshot_xmax(pg_current_snapshot())::text as xmax, now() as now
    ) p left join lateral (
      select subject_uid, credential_id, realm, version
      from credential_event where xid >= ${xmin.toString()}::xid8
      order by xid, id limit ${limit + 1}
    ) e on true`.execute(db);
  const [first] = rows;
  if (first === undefined) throw new Error("the log has no position");
  const events = rows.flatMap(({ subject_uid: subjectUid, credential_id, realm, version }) =>
    subjectUid === null
      ? []
      : [{ subjectUid, credentialId: credential_id ?? undefined, realm, version }],
  );
  const { server, xmin: below, xmax, now } = first;
  return { events, server, xmin: BigInt(below), xmax: BigInt(xmax), now: now.getTime() };
}
