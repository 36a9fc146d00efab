import { sql } from "kysely";
import type { Db } from "../storage.ts";

/** An event of the log of credentials. */
export interface CredentialEvent {
  readonly subjectUid: string;
  /** The credential that changed; undefined: the subject. */
  readonly credentialId: string | undefined;
  readonly realm: string;
  /** Of the subject. */
  readonly version: bigint;
  readonly shrinks: boolean;
  /** When its transaction began, milliseconds since 1970. */
  readonly at: number;
}

/** Where a read of the log has come to. */
export interface EventPosition {
  /** Which run of which server answered, of which log: of two reads with the same one, the later goes on where the earlier was. */
  readonly server: string;
  /**
   * The snapshot of the read, as Postgres writes it: what it saw is exactly what the next read need not see. Transactions get
   * their ids when they begin to write and not when they commit, so a number would pass over those that commit late.
   */
  readonly snapshot: string;
  /** Below this transaction id, everything that ever commits has committed. */
  readonly xmin: bigint;
  /** The first transaction id that was not given to anybody yet. */
  readonly xmax: bigint;
}

/** What a read of the log tells. */
export interface EventsRead {
  readonly position: EventPosition;
  /** The clock of the database before it read, milliseconds since 1970: all that was committed before is told. */
  readonly now: number;
  /** In the order (xid, id). */
  readonly events: readonly CredentialEvent[];
}

/** How many events one statement reads. */
export const maxEventsOfRead = 5_000;

interface EventColumns {
  readonly subject_uid: string;
  readonly credential_id: string | null;
  readonly realm: string;
  readonly version: bigint;
  readonly shrinks: boolean;
  readonly at: Date;
}

interface EventRow extends EventColumns {
  readonly xid: string;
  readonly id: bigint;
}

interface PositionRow {
  readonly server: string;
  readonly snapshot: string;
  readonly xmin: string;
  readonly xmax: string;
  readonly now: Date;
}

/**
 * Which run of which server answers, in digits. A standby that is promoted may lack what was told and give its transaction ids to others, and
 * so may a server that crashed: it began at another time, or, if only its processes did, so did its statistics. And a database that is
 * restored has its log in another file, also where the server goes on.
 */
export const serverOfLog = sql<string>`concat(
  (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint,
  (extract(epoch from pg_stat_get_bgwriter_stat_reset_time()) * 1000000)::bigint,
  pg_relation_filenode('credential_event'))`;

// The snapshot is that of the statement, so that what it says and what is read beside it belong together.
const positionColumns = sql`${serverOfLog} as server, pg_current_snapshot()::text as snapshot,
  pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
  pg_snapshot_xmax(pg_current_snapshot())::text as xmax, now() as now`;

/**
 * Reads what became visible since another read: each event exactly once, however long its transaction took to commit and however
 * long others stay open. One round trip, unless there are more than `maxEventsOfRead`: then some may be told again by
 * the next read. Throws whatever the queries do.
 */
export async function readEventsAfter(
  db: Db,
  { snapshot }: Pick<EventPosition, "snapshot">,
): Promise<EventsRead> {
  const rows: EventRow[] = [];
  let first: PositionRow | undefined;
  for (let isAll = false; !isAll;) {
    const last = rows.at(-1);
    const { xid, id } = last ?? { xid: "0", id: 0n };
    const { rows: page } = await sql<PositionRow & (EventRow | { readonly id: null })>`
      select p.*, e.* from (select ${positionColumns}) p left join lateral (
        select xid::text as xid, id, subject_uid, credential_id, realm, version, shrinks, at
        from credential_event
        where xid >= pg_snapshot_xmin(${snapshot}::pg_snapshot)
          and (xid, id) > (${xid}::xid8, ${id}::bigint)
          and not pg_visible_in_snapshot(xid, ${snapshot}::pg_snapshot)
        order by credential_event.xid, id limit ${maxEventsOfRead}
      ) e on true order by e.xid::xid8, e.id`.execute(db);
    // What a later page did not see is told by the next read.
    first ??= page[0];
    for (const row of page) if (row.id !== null) rows.push(row);
    isAll = page.length < maxEventsOfRead;
  }
  if (first === undefined) throw new Error("the log has no position");
  return { ...toPosition(first), events: rows.map(toEvent) };
}

/**
 * Reads for each subject the highest version of the events within the last `withinMs` milliseconds by which somebody may do less,
 * and from where to go on. Throws whatever the query does.
 */
export async function readShrinks(db: Db, withinMs: number): Promise<EventsRead> {
  const { rows } = await sql<PositionRow & (EventColumns | { readonly version: null })>`
    select p.*, e.* from (select ${positionColumns}) p left join lateral (
      select subject_uid, null as credential_id, min(realm) as realm, max(version) as version, true as shrinks, max(credential_event.at) as at
      from credential_event
      where shrinks and credential_event.at > now() - make_interval(secs => ${withinMs / 1000})
      group by subject_uid
    ) e on true`.execute(db);
  const [first] = rows;
  if (first === undefined) throw new Error("the log has no position");
  const events = rows.flatMap((row) => (row.version === null ? [] : [toEvent(row)]));
  return { ...toPosition(first), events };
}

function toPosition({ now, ...row }: PositionRow): Omit<EventsRead, "events"> {
  const { server, snapshot } = row;
  const position = { server, snapshot, xmin: BigInt(row.xmin), xmax: BigInt(row.xmax) };
  return { position, now: now.getTime() };
}

function toEvent(row: EventColumns): CredentialEvent {
  return {
    subjectUid: row.subject_uid,
    credentialId: row.credential_id ?? undefined,
    realm: row.realm,
    version: row.version,
    shrinks: row.shrinks,
    at: row.at.getTime(),
  };
}
