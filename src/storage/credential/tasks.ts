import { sql } from "kysely";
import type { TaskState } from "../../domain/credential/task-states.ts";
import { reportGraceMs } from "../../domain/credential/task-states.ts";
import type { Trust } from "../../domain/credential/subject.ts";
import type { Db, Tx } from "../storage.ts";

/** A task as storage holds it at one instant. Times are milliseconds since 1970 by the clock of the database. */
export interface TaskRecord {
  readonly uid: string;
  /** The value of its identity. */
  readonly id: string;
  readonly realm: string;
  /** Undefined: not said. */
  readonly pool: string | undefined;
  /** Undefined: not said. */
  readonly botId: string | undefined;
  /** What it is at `at`: timed out from its deadline on, even if nobody has written that down yet. */
  readonly state: TaskState;
  /** Whether its deadline has passed and nobody has written that down yet. */
  readonly isOverdue: boolean;
  readonly trust: Trust;
  /** Empty: none. */
  readonly ref: string;
  /** Empty: none. */
  readonly defaultRef: string;
  /** `user:...`; undefined: nobody's. */
  readonly delegatedUser: string | undefined;
  /** The ids of the tasks on which it depends. */
  readonly dependencies: readonly string[];
  readonly deadline: number;
  readonly reportUntil: number;
  readonly generation: number;
  readonly epoch: bigint;
  readonly version: bigint;
  /** How many live holds it has. */
  readonly holds: number;
  /** The end of the last live hold; -Infinity: there is none. */
  readonly heldUntil: number;
  /** When it was read. */
  readonly at: number;
}

interface TaskRow {
  readonly uid: string;
  readonly subject_id: string;
  readonly realm: string;
  readonly pool: string | null;
  readonly bot_id: string | null;
  readonly state: TaskState;
  readonly is_overdue: boolean;
  readonly trust: Trust;
  readonly ref: string | null;
  readonly default_ref: string | null;
  readonly delegated_user: string | null;
  readonly dependency_ids: readonly string[];
  readonly deadline: Date;
  readonly report_until: Date;
  readonly generation: number;
  readonly epoch: bigint;
  readonly version: bigint;
  readonly holds: number;
  readonly held_until: Date | null;
  readonly at: Date;
}

/** Reads the live task of an id, or the one of a uid. Undefined: there is none. */
export async function readTask(
  db: Db | Tx,
  key: { readonly id: string } | { readonly uid: string },
): Promise<TaskRecord | undefined> {
  const which =
    "uid" in key ? sql`s.uid = ${key.uid}` : sql`s.subject_id = ${key.id} and s.deleted_at is null`;
  // The clock is read after whatever was waited for: the time of the transaction is that of its begin.
  const { rows } = await sql<TaskRow>`
    select s.uid, s.subject_id, s.realm, s.pool, s.bot_id, s.state, s.trust, s.ref, s.default_ref,
      s.delegated_user, s.deadline, s.report_until, s.generation, s.epoch, s.version,
      s.ended_at is null and s.deadline <= clock.at as is_overdue,
      array(
        select d.subject_id
        from unnest(s.dependencies) with ordinality as u (uid, place)
        join subject d on d.uid = u.uid
        order by u.place
      ) as dependency_ids,
      h.holds, h.held_until, clock.at
    from subject s
    cross join (select clock_timestamp() as at offset 0) as clock
    cross join lateral (
      select count(*)::int as holds, max(lease_until) as held_until
      from hold
      where task_uid = s.uid and released_at is null and lease_until > clock.at
    ) as h
    where s.kind = 'task' and ${which}
  `.execute(db);
  const [row] = rows;
  return row === undefined ? undefined : toRecord(row);
}

function toRecord(row: TaskRow): TaskRecord {
  return {
    uid: row.uid,
    id: row.subject_id,
    realm: row.realm,
    pool: row.pool ?? undefined,
    botId: row.bot_id ?? undefined,
    state: row.is_overdue ? "timed_out" : row.state,
    isOverdue: row.is_overdue,
    trust: row.trust,
    ref: row.ref ?? "",
    defaultRef: row.default_ref ?? "",
    delegatedUser: row.delegated_user ?? undefined,
    dependencies: row.dependency_ids,
    deadline: row.deadline.getTime(),
    reportUntil: row.report_until.getTime(),
    generation: row.generation,
    epoch: row.epoch,
    version: row.version,
    holds: row.holds,
    heldUntil: row.held_until?.getTime() ?? -Infinity,
    at: row.at.getTime(),
  };
}

/** A task that is registered for the first time. */
export interface NewTask {
  readonly uid: string;
  readonly id: string;
  readonly realm: string;
  readonly pool: string | undefined;
  readonly botId: string | undefined;
  readonly state: "awaiting_ack" | "running";
  readonly trust: Trust;
  readonly ref: string;
  readonly defaultRef: string;
  readonly delegatedUser: string | undefined;
  /** The uids of the tasks on which it depends. */
  readonly dependencies: readonly string[];
  /** For how many milliseconds from now it may be executed. */
  readonly timeLimitMs: number;
  readonly createdBy: string;
}

/** Stores a task. False: there is a live one of this id by now; whoever stored it has committed. */
export async function insertTask(tx: Tx, task: NewTask): Promise<boolean> {
  // One instant for both ends, which is not the begin of the transaction: that may have waited.
  const deadline = (graceMs: number) =>
    sql<Date>`date_trunc('milliseconds', statement_timestamp()) + ${task.timeLimitMs + graceMs}::float8 * interval '1 millisecond'`;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("subject")
    .values({
      uid: task.uid,
      kind: "task",
      subject_id: task.id,
      realm: task.realm,
      pool: task.pool ?? null,
      bot_id: task.botId ?? null,
      state: task.state,
      trust: task.trust,
      ref: task.ref,
      default_ref: task.defaultRef,
      delegated_user: task.delegatedUser ?? null,
      dependencies: sql<string[]>`${[...task.dependencies]}::uuid[]`,
      deadline: deadline(0),
      report_until: deadline(reportGraceMs),
      created_by: task.createdBy,
    })
    .onConflict((conflict) =>
      conflict.columns(["kind", "subject_id"]).where("deleted_at", "is", null).doNothing(),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** A registered task, as far as it matters to those that want to depend on it. */
export interface RegisteredTask {
  readonly uid: string;
  readonly id: string;
  readonly realm: string;
}

/** The live tasks among these. */
export async function findTasks(
  db: Db | Tx,
  by: { readonly ids: readonly string[] } | { readonly uids: readonly string[] },
): Promise<readonly RegisteredTask[]> {
  const [these, isOne] =
    "ids" in by
      ? [by.ids, sql<boolean>`subject_id = any(${[...by.ids]}::text[])`]
      : [by.uids, sql<boolean>`uid = any(${[...by.uids]}::uuid[])`];
  if (these.length === 0) return [];
  const rows = await db
    .selectFrom("subject")
    .select(["uid", "subject_id", "realm"])
    .where("kind", "=", "task")
    .where(isOne)
    .where("deleted_at", "is", null)
    .execute();
  return rows.map(({ uid, subject_id: id, realm }) => ({ uid, id, realm }));
}
