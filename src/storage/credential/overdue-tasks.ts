import { sql } from "kysely";
import type { Tx } from "../storage.ts";

/** The advisory lock of this step: the first 8 bytes of SHA-256 of "fleetgate overdue tasks". */
const lockKey = "-6977864725874003941";

/** Takes the lock under which one process at a time does this, to the end of the transaction. False: another one has it. */
export async function tryOverdueLock(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ readonly locked: boolean }>`
    select pg_try_advisory_xact_lock(${lockKey}::bigint) as locked
  `.execute(tx);
  return rows[0]?.locked === true;
}

/** A task of which something was written down. */
export interface OverdueTask {
  readonly uid: string;
  readonly id: string;
  readonly realm: string;
  readonly version: bigint;
}

/** Ends up to `limit` tasks whose deadline has passed, as timed out at that instant, with their holds. */
export async function endOverdueTasks(tx: Tx, limit: number): Promise<readonly OverdueTask[]> {
  const { rows } = await sql<OverdueTask>`
    with due as (
      select uid from subject
      where kind = 'task' and ended_at is null and deadline <= now()
      order by deadline
      limit ${limit}
      for update skip locked
    )
    update subject s
    set state = 'timed_out', epoch = s.epoch + 1, version = s.version + 1, ended_at = s.deadline
    from due
    where s.uid = due.uid and s.ended_at is null and s.deadline <= now()
    returning s.uid, s.subject_id as id, s.realm, s.version
  `.execute(tx);
  if (rows.length > 0) {
    await sql`
      update hold h set released_at = s.ended_at
      from subject s
      where s.uid = any(${rows.map(({ uid }) => uid)}::uuid[]) and h.task_uid = s.uid and h.released_at is null
    `.execute(tx);
  }
  return rows;
}

/** A hold whose lease ran out. */
export interface RunOutHold {
  readonly taskUid: string;
  readonly taskId: string;
  readonly realm: string;
  readonly holdId: string;
  readonly holder: string;
}

/** What became of leases that ran out. */
export interface RunOutLeases {
  readonly holds: readonly RunOutHold[];
  /** The tasks that nobody holds any more. */
  readonly unheld: readonly OverdueTask[];
}

/** Writes down for up to `limit` holds that their lease ran out, at the instant at which it did. */
export async function releaseRunOutHolds(tx: Tx, limit: number): Promise<RunOutLeases> {
  const { rows: locked } = await sql<{ readonly uid: string }>`
    select uid from subject
    where uid in (
      select task_uid from hold
      where released_at is null and lease_until <= now()
      order by lease_until
      limit ${limit}
    )
    for update skip locked
  `.execute(tx);
  if (locked.length === 0) return { holds: [], unheld: [] };
  const uids = locked.map(({ uid }) => uid);
  const { rows: holds } = await sql<RunOutHold>`
    update hold h set released_at = h.lease_until
    from subject s
    where h.task_uid = any(${uids}::uuid[]) and s.uid = h.task_uid
      and h.released_at is null and h.lease_until <= now()
    returning h.task_uid as "taskUid", h.task_id as "taskId", s.realm, h.hold_id as "holdId", h.holder
  `.execute(tx);
  const { rows: unheld } = await sql<OverdueTask>`
    update subject s
    set version = s.version + 1
    where s.uid = any(${[...new Set(holds.map(({ taskUid }) => taskUid))]}::uuid[])
      and not exists (
        select from hold h
        where h.task_uid = s.uid and h.released_at is null and h.lease_until > now()
      )
    returning s.uid, s.subject_id as id, s.realm, s.version
  `.execute(tx);
  return { holds, unheld };
}
