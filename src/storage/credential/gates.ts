import { sql } from "kysely";
import type { GateArea } from "../../domain/credential/gate-areas.ts";
import type { Db, Tx } from "../storage.ts";

/** The channel on which replicas are told that gates were closed or opened. */
export const gateChannel = "fleetgate_gate";

/** A lease on a gate. */
export interface GateRow {
  readonly area: GateArea;
  readonly holder: string;
  readonly reason: string;
  /** Whether nobody else may hold what overlaps. */
  readonly exclusive: boolean;
  readonly acquiredAt: Date;
  readonly acquiredBy: string;
  readonly leaseUntil: Date;
}

/** A lease to be written. */
export type NewGate = Omit<GateRow, "acquiredAt" | "leaseUntil"> & { readonly leaseMs: number };

/** Which lease is meant. */
export type GateName = Pick<GateRow, "area" | "holder">;

/** The leases that live, and the clock of the database, in milliseconds since 1970. */
export interface LiveGates {
  readonly now: number;
  readonly gates: readonly GateRow[];
}

const columns = sql`area, holder, reason, exclusive, acquired_at as "acquiredAt",
  acquired_by as "acquiredBy", lease_until as "leaseUntil"`;

// A transaction may have waited since it began, so it is the clock that decides and not now().
const clock = sql<Date>`clock_timestamp()`;

function until(leaseMs: number) {
  return sql<Date>`clock_timestamp() + ${leaseMs / 1000}::float8 * interval '1 second'`;
}

/** Reads the leases that live, by area and holder. */
export async function readLiveGates(db: Db | Tx): Promise<LiveGates> {
  const { rows } = await sql<{ now: Date } & { [K in keyof GateRow]: GateRow[K] | null }>`
    select c.now, ${columns}
    from (select ${clock} as now) as c left join gate on lease_until > c.now
    order by area, holder
  `.execute(db);
  return {
    now: rows[0]?.now.getTime() ?? 0,
    gates: rows.flatMap(({ now: _now, ...row }) => (row.area === null ? [] : [row as GateRow])),
  };
}

/** Lets changes of gates come one after another until this transaction ends. Reading them goes on. */
export async function lockGates(tx: Tx): Promise<void> {
  await sql`lock table gate in share row exclusive mode`.execute(tx);
}

/** Writes a lease, or renews the one of the same holder, which stays acquired when and by whom it was. */
export async function putGate(tx: Tx, gate: NewGate): Promise<GateRow> {
  const { area, holder, reason, exclusive, acquiredBy, leaseMs } = gate;
  const { rows } = await sql<GateRow>`
    insert into gate (area, holder, reason, exclusive, acquired_at, acquired_by, lease_until)
    values (${area}, ${holder}, ${reason}, ${exclusive}, ${clock}, ${acquiredBy}, ${until(leaseMs)})
    on conflict (area, holder) do update
    set reason = excluded.reason, exclusive = excluded.exclusive, lease_until = excluded.lease_until
    returning ${columns}
  `.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("an insert gave no row");
  return row;
}

/** Renews a lease that lives. Undefined: there is none. */
export async function renewGateRow(
  tx: Tx,
  { area, holder }: GateName,
  leaseMs: number,
): Promise<GateRow | undefined> {
  const { rows } = await sql<GateRow>`
    update gate set lease_until = ${until(leaseMs)}
    where area = ${area} and holder = ${holder} and lease_until > ${clock}
    returning ${columns}
  `.execute(tx);
  return rows[0];
}

/** A lease that is gone, and whether it had ended by itself before. */
export type RemovedGate = GateRow & { readonly lapsed: boolean };

/** Removes a lease. Undefined: there was none. */
export async function removeGate(
  tx: Tx,
  { area, holder }: GateName,
): Promise<RemovedGate | undefined> {
  const { rows } = await sql<RemovedGate>`
    delete from gate where area = ${area} and holder = ${holder}
    returning ${columns}, lease_until <= ${clock} as lapsed
  `.execute(tx);
  return rows[0];
}

/** Removes the leases that have ended by themselves. */
export async function removeLapsedGates(tx: Tx): Promise<readonly RemovedGate[]> {
  const { rows } = await sql<RemovedGate>`
    delete from gate where lease_until <= ${clock} returning ${columns}, true as lapsed
  `.execute(tx);
  return rows;
}

/** Has replicas told of a change of gates when the transaction commits. */
export async function notifyGates(tx: Tx): Promise<void> {
  await sql`select pg_notify(${gateChannel}, '')`.execute(tx);
}
