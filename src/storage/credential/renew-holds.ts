import { sql } from "kysely";
import type { TaskState } from "../../domain/credential/task-states.ts";
import type { Tx } from "../storage.ts";

/** The name of a hold, but for its holder. */
export interface HeldName {
  readonly taskId: string;
  /** A UUID in lower case. */
  readonly holdId: string;
}

/** What became of a hold that was to be renewed. */
export interface RenewedHold extends HeldName {
  /** Milliseconds since 1970; undefined: it is not live. */
  readonly leaseUntil: number | undefined;
  /** How far its task is. */
  readonly state: TaskState;
}

/** How holds are renewed. */
export interface Renewal {
  /** For how long, from now. */
  readonly leaseMs: number;
  /** In which realms: what is held elsewhere stays as it is. */
  readonly realms: readonly string[];
}

interface RenewedRow {
  readonly task_id: string;
  readonly hold_id: string;
  readonly lease_until: Date | null;
  readonly state: TaskState;
}

/**
 * Renews the live ones among the holds of one holder, all in one statement. No lease ends earlier than before, and none
 * outlives its task. Those that were never registered are missing in the answer. It is no change that replicas must hear of: what they
 * know ends too early at worst, and they ask again then.
 */
export async function renewHolds(
  tx: Tx,
  holder: string,
  names: readonly HeldName[],
  { leaseMs, realms }: Renewal,
): Promise<readonly RenewedHold[]> {
  const json = toJson(names);
  // Locked in one order, so that two heartbeats that cross do not deadlock. The update looks again at what it has waited for.
  const { rows } = await sql<RenewedRow>`
    with wanted as (
      select distinct task_id, hold_id
      from json_to_recordset(${json}::json) as w (task_id text, hold_id uuid)
    ),
    own as (
      select h.task_id, h.hold_id, s.realm, s.state, s.deadline, s.ended_at
      from wanted w
      join hold h on h.task_id = w.task_id collate "C" and h.hold_id = w.hold_id and h.holder = ${holder}
      join subject s on s.uid = h.task_uid
      order by h.task_id, h.hold_id
      for update of h
    ),
    renewed as (
      update hold h
      set lease_until = greatest(
        h.lease_until,
        least(
          date_trunc('milliseconds', clock_timestamp()) + ${leaseMs}::float8 * interval '1 millisecond',
          own.deadline
        )
      )
      from own
      where h.task_id = own.task_id and h.holder = ${holder} and h.hold_id = own.hold_id
        and h.released_at is null and h.lease_until > clock_timestamp()
        and own.ended_at is null and own.deadline > clock_timestamp()
        and own.realm = any(${[...realms]}::text[])
      returning h.task_id, h.hold_id, h.lease_until
    )
    select own.task_id, own.hold_id, renewed.lease_until,
      case
        when own.ended_at is null and own.deadline <= clock_timestamp() then 'timed_out'
        else own.state
      end as state
    from own left join renewed using (task_id, hold_id)
  `.execute(tx);
  return rows.map((row) => ({
    taskId: row.task_id,
    holdId: row.hold_id,
    leaseUntil: row.lease_until?.getTime(),
    state: row.state,
  }));
}

/** The realms of the tasks of these holds. */
export async function readHeldRealms(
  tx: Tx,
  holder: string,
  names: readonly HeldName[],
): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly realm: string }>`
    select distinct s.realm
    from json_to_recordset(${toJson(names)}::json) as w (task_id text, hold_id uuid)
    join hold h on h.task_id = w.task_id collate "C" and h.hold_id = w.hold_id and h.holder = ${holder}
    join subject s on s.uid = h.task_uid
  `.execute(tx);
  return rows.map(({ realm }) => realm);
}

function toJson(names: readonly HeldName[]): string {
  return JSON.stringify(names.map(({ taskId, holdId }) => ({ task_id: taskId, hold_id: holdId })));
}
