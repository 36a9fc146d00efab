import { sql } from "kysely";
import type { Db, Tx } from "../storage.ts";
import {
  claimColumns,
  summaryColumns,
  toClaim,
  toSummary,
  type ClaimRecord,
  type ClaimRow,
  type ClaimSummary,
  type SummaryRow,
} from "./claims.ts";

/** Reads claims by their uids; those that there are not are left out. */
export async function readClaims(
  db: Db | Tx,
  uids: readonly string[],
): Promise<readonly ClaimRecord[]> {
  const { rows } = await sql<ClaimRow>`
    select ${claimColumns} from claim c where c.uid = any(${[...uids]}::uuid[])
  `.execute(db);
  return rows.map(toClaim);
}

/** The same without the terms of their tasks. */
export async function readSummaries(
  db: Db | Tx,
  uids: readonly string[],
): Promise<readonly ClaimSummary[]> {
  const { rows } = await sql<SummaryRow>`
    select ${summaryColumns} from claim c where c.uid = any(${[...uids]}::uuid[])
  `.execute(db);
  return rows.map(toSummary);
}

/** Reads the pending claim of a job. Undefined: there is none. */
export async function readPendingClaim(tx: Tx, jobId: string): Promise<ClaimRecord | undefined> {
  const { rows } = await sql<ClaimRow>`
    select ${claimColumns} from claim c where c.job_id = ${jobId} and c.state = 'pending'
  `.execute(tx);
  return rows[0] && toClaim(rows[0]);
}

/** Reads of these claims those that have another version by now, or whose deadline has passed with nobody having written that down. */
export async function readChangedClaims(
  db: Db | Tx,
  known: readonly Pick<ClaimRecord, "uid" | "version">[],
): Promise<readonly ClaimSummary[]> {
  const uids = known.map(({ uid }) => uid);
  const versions = known.map(({ version }) => version.toString());
  const { rows } = await sql<SummaryRow>`
    select ${summaryColumns}
    from unnest(${uids}::uuid[], ${versions}::bigint[]) as known (uid, version)
    join claim c on c.uid = known.uid
    where c.version <> known.version
      or c.state = 'pending' and c.deadline <= clock_timestamp()
  `.execute(db);
  return rows.map(toSummary);
}
