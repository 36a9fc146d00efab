import { sql } from "kysely";
import type { Db, Tx } from "../storage.ts";

/** Which hold is meant: of each task, each holder has its own. */
export interface HoldKey {
  readonly taskId: string;
  readonly holder: string;
  /** A UUID in lower case. */
  readonly holdId: string;
}

/** A hold as storage has it. */
export interface HoldRecord {
  /** Undefined: it was released before it was registered. */
  readonly taskUid: string | undefined;
  /** Milliseconds since 1970; undefined: it never was registered. */
  readonly leaseUntil: number | undefined;
  readonly isReleased: boolean;
}

// A lease ends with its task at the latest (U31).
const leaseEnd = (taskUid: string, leaseMs: number) => sql<Date>`least(
  date_trunc('milliseconds', clock_timestamp()) + ${leaseMs}::float8 * interval '1 millisecond',
  (select deadline from subject where uid = ${taskUid})
)`;

const ofKey = ({ taskId, holder, holdId }: HoldKey) =>
  sql<boolean>`task_id = ${taskId} and holder = ${holder} and hold_id = ${holdId}`;

/** Stores a hold. Returns the end of its lease in milliseconds since 1970; undefined: there is one of this name. */
export async function insertHold(
  tx: Tx,
  key: HoldKey,
  taskUid: string,
  leaseMs: number,
): Promise<number | undefined> {
  const row = await tx
    .insertInto("hold")
    .values({
      ...{ task_id: key.taskId, holder: key.holder, hold_id: key.holdId, task_uid: taskUid },
      lease_until: leaseEnd(taskUid, leaseMs),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("lease_until")
    .executeTakeFirst();
  return row?.lease_until?.getTime();
}

/** Reads a hold. Undefined: there is none. */
export async function readHold(tx: Tx, key: HoldKey): Promise<HoldRecord | undefined> {
  const row = await tx
    .selectFrom("hold")
    .select(["task_uid", "lease_until", "released_at"])
    .where(ofKey(key))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    taskUid: row.task_uid ?? undefined,
    leaseUntil: row.lease_until?.getTime(),
    isReleased: row.released_at !== null,
  };
}

/**
 * Renews one hold of a task that this transaction has locked. Returns the end of its lease in milliseconds since 1970, which is
 * never earlier than before; undefined: it is not live.
 */
export async function renewHold(
  tx: Tx,
  key: HoldKey,
  taskUid: string,
  leaseMs: number,
): Promise<number | undefined> {
  const row = await tx
    .updateTable("hold")
    .set({ lease_until: sql<Date>`greatest(lease_until, ${leaseEnd(taskUid, leaseMs)})` })
    .where(ofKey(key))
    .where("task_uid", "=", taskUid)
    .where("released_at", "is", null)
    .where("lease_until", ">", sql<Date>`clock_timestamp()`)
    .returning("lease_until")
    .executeTakeFirst();
  return row?.lease_until?.getTime();
}

/** Releases a live hold of a task that this transaction has locked. False: it is not live. */
export async function releaseHold(tx: Tx, key: HoldKey, taskUid: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("hold")
    .set({ released_at: sql<Date>`clock_timestamp()` })
    .where(ofKey(key))
    .where("task_uid", "=", taskUid)
    .where("released_at", "is", null)
    .where("lease_until", ">", sql<Date>`clock_timestamp()`)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Releases whatever holds a task that this transaction has locked, at the time that is given. */
export async function releaseAllHolds(tx: Tx, taskUid: string, at: number): Promise<void> {
  await tx
    .updateTable("hold")
    .set({ released_at: new Date(at) })
    .where("task_uid", "=", taskUid)
    .where("released_at", "is", null)
    .execute();
}

/** Stores that a hold was released before it was registered. False: there is one of this name by now. */
export async function storeEarlyRelease(tx: Tx, key: HoldKey): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("hold")
    .values({
      ...{ task_id: key.taskId, holder: key.holder, hold_id: key.holdId, task_uid: null },
      ...{ lease_until: null, released_at: sql<Date>`clock_timestamp()` },
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** How many holds of a holder are stored as released before they were registered; counts to the limit only. */
export async function countEarlyReleases(tx: Tx, holder: string, limit: number): Promise<number> {
  const { rows } = await sql<{ readonly count: number }>`
    select count(*)::int as count
    from (select from hold where holder = ${holder} and task_uid is null limit ${limit}) as early
  `.execute(tx);
  return rows[0]?.count ?? 0;
}

/**
 * Whether a holder holds a task or has held it. With a uid, that task; without one, any task that had the id. A hold that was released
 * before it was registered does not count: anybody may have said that.
 */
export async function hasHeld(
  db: Db | Tx,
  { taskId, holder }: Pick<HoldKey, "taskId" | "holder">,
  taskUid?: string,
): Promise<boolean> {
  const own = db
    .selectFrom("hold")
    .select("hold_id")
    .where("task_id", "=", taskId)
    .where("holder", "=", holder)
    .limit(1);
  const registered =
    taskUid === undefined
      ? own.where("task_uid", "is not", null)
      : own.where("task_uid", "=", taskUid);
  return (await registered.executeTakeFirst()) !== undefined;
}
