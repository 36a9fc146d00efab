import { sql, type RawBuilder, type Selectable } from "kysely";
import type { ClaimEnd, ClaimState } from "../../domain/credential/claim-states.ts";
import type { Trust } from "../../domain/credential/subject.ts";
import type { Tx } from "../storage.ts";
import type { ClaimTable } from "./schema.ts";

/** The channel on which replicas are told that claims have changed. */
export const claimChannel = "fleetgate_claim";

/** With what the task of the winner is registered. */
export interface ClaimTerms {
  readonly timeLimitMs: number;
  readonly permissions: readonly string[];
  readonly audiences: readonly string[];
  readonly trust: Trust;
  readonly ref: string;
  readonly defaultRef: string;
  /** `user:...`; null: nobody's. */
  readonly delegatedUser: string | null;
  /** The uids of tasks. */
  readonly dependencies: readonly string[];
  readonly pool: string | null;
  readonly state: "awaiting_ack" | "running";
}

/** A claim as storage holds it at one instant. Times are milliseconds since 1970 by the clock of the database. */
export interface ClaimRecord {
  readonly uid: string;
  readonly jobId: string;
  readonly realm: string;
  readonly opener: string;
  /** The bot or runner by whose credential it was opened; undefined: it was another one. */
  readonly openerSubject: { readonly uid: string; readonly generation: number } | undefined;
  readonly state: ClaimState;
  /** Whether its deadline has passed and nobody has written that down yet. */
  readonly isOverdue: boolean;
  readonly credentialId: string;
  readonly deadline: number;
  readonly openedAt: number;
  /** Undefined: it is pending. */
  readonly endedAt: number | undefined;
  readonly terms: ClaimTerms;
  readonly executor: string;
  readonly payload: string;
  /** Empty: it was not claimed, or the address is not known; as all that follow. */
  readonly claimedFrom: string;
  readonly taskUid: string;
  readonly taskCredentialId: string;
  readonly error: string;
  readonly supersededBy: string;
  readonly version: bigint;
}

/** What is shown of a claim: all but the terms of its task, which may be many times as long. Thousands are kept for those who watch. */
export type ClaimSummary = Omit<ClaimRecord, "terms">;

/** The columns of a claim `c` that make a ClaimSummary. */
export const summaryColumns = sql`
  c.uid, c.job_id, c.realm, c.opener, c.opener_uid, c.opener_generation, c.state, c.credential_id,
  c.deadline, c.opened_at, c.ended_at, c.executor, c.payload, c.claimed_from, c.task_uid,
  c.task_credential_id, c.error, c.superseded_by, c.version,
  c.state = 'pending' and c.deadline <= clock_timestamp() as is_overdue`;

/** The columns that make a ClaimRecord. */
export const claimColumns = sql`${summaryColumns}, c.terms`;

/** A row of the former. */
export type SummaryRow = Omit<Selectable<ClaimTable>, "secret_hash" | "nonce_hash" | "terms"> & {
  readonly is_overdue: boolean;
};

/** A row of the latter. */
export type ClaimRow = SummaryRow & Pick<Selectable<ClaimTable>, "terms">;

/** The claim of a row. */
export function toClaim(row: ClaimRow): ClaimRecord {
  return { ...toSummary(row), terms: row.terms as unknown as ClaimTerms };
}

/** What a row shows of its claim. */
export function toSummary(row: SummaryRow): ClaimSummary {
  const { opener_uid: openerUid, opener_generation: generation } = row;
  return {
    ...{ uid: row.uid, jobId: row.job_id, realm: row.realm, opener: row.opener },
    openerSubject:
      openerUid === null || generation === null ? undefined : { uid: openerUid, generation },
    ...{ state: row.state as ClaimState, isOverdue: row.is_overdue },
    ...{ credentialId: row.credential_id, deadline: row.deadline.getTime() },
    ...{ openedAt: row.opened_at.getTime(), endedAt: row.ended_at?.getTime() },
    ...{ executor: row.executor, payload: row.payload, claimedFrom: row.claimed_from ?? "" },
    ...{ taskUid: row.task_uid ?? "", taskCredentialId: row.task_credential_id ?? "" },
    ...{ error: row.error ?? "", supersededBy: row.superseded_by ?? "", version: row.version },
  };
}

/** Reads a claim and locks its row, as every write of one does. Undefined: there is none. */
export async function lockClaim(tx: Tx, uid: string): Promise<ClaimRecord | undefined> {
  // The clock is read outside of the locking query: once the lock is had.
  const { rows } = await sql<ClaimRow>`
    with locked as materialized (select * from claim where uid = ${uid} for update)
    select ${claimColumns} from locked c
  `.execute(tx);
  return rows[0] && toClaim(rows[0]);
}

/** A claim that is to be opened. */
export interface NewClaim extends Pick<
  ClaimRecord,
  | "uid"
  | "jobId"
  | "realm"
  | "opener"
  | "openerSubject"
  | "credentialId"
  | "terms"
  | "executor"
  | "payload"
> {
  readonly secretHash: Uint8Array;
  /** Milliseconds from now to its deadline. */
  readonly ttlMs: number;
}

const nowInMs = sql<Date>`date_trunc('milliseconds', statement_timestamp())`;
const fromNow = (ms: number): RawBuilder<Date> =>
  sql<Date>`${nowInMs} + ${ms}::float8 * interval '1 millisecond'`;

/** Stores a claim. False: there is one of this uid, or a pending one of its job; whoever stored it has committed. */
export async function insertClaim(tx: Tx, claim: NewClaim): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("claim")
    .values({
      uid: claim.uid,
      job_id: claim.jobId,
      realm: claim.realm,
      opener: claim.opener,
      opener_uid: claim.openerSubject?.uid ?? null,
      opener_generation: claim.openerSubject?.generation ?? null,
      credential_id: claim.credentialId,
      secret_hash: claim.secretHash,
      deadline: fromNow(claim.ttlMs),
      opened_at: nowInMs as never,
      terms: JSON.stringify(claim.terms),
      executor: claim.executor,
      payload: claim.payload,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Gives a pending claim that this transaction has locked another secret. */
export async function replaceClaimSecret(
  tx: Tx,
  uid: string,
  secretHash: Uint8Array,
): Promise<void> {
  await tx
    .updateTable("claim")
    .set({ secret_hash: secretHash, version: sql<bigint>`version + 1` })
    .where("uid", "=", uid)
    .execute();
}

/** How a claim ends otherwise than by being claimed. */
export interface ClaimEnding {
  readonly state: Exclude<ClaimEnd, "claimed">;
  readonly error?: string;
  readonly supersededBy?: string;
}

/** Ends a claim that this transaction has locked: a pending one, or one that it has claimed itself. */
export async function endClaim(
  tx: Tx,
  uid: string,
  { state, error, supersededBy }: ClaimEnding,
): Promise<void> {
  await tx
    .updateTable("claim")
    .set({
      ...{ state, error: error ?? null, superseded_by: supersededBy ?? null },
      ended_at: nowInMs,
      ...{ nonce_hash: null, claimed_from: null, task_uid: null, task_credential_id: null },
      version: sql<bigint>`version + 1`,
    })
    .where("uid", "=", uid)
    .execute();
}

/** Moves the deadline of a pending claim that this transaction has locked, to at most so long after it was opened. */
export async function moveDeadline(
  tx: Tx,
  uid: string,
  { ttlMs, maxMs }: { readonly ttlMs: number; readonly maxMs: number },
): Promise<void> {
  await tx
    .updateTable("claim")
    .set({
      deadline: sql<Date>`least(${fromNow(ttlMs)}, opened_at + ${maxMs}::float8 * interval '1 millisecond')`,
      version: sql<bigint>`version + 1`,
    })
    .where("uid", "=", uid)
    .execute();
}

/** Which pending claims are looked at for their deadline. */
export type OverdueClaims =
  | { readonly uids: readonly string[] }
  | { readonly jobId: string }
  /** Any, but for those that somebody has locked; at most so many. */
  | { readonly limit: number };

/**
 * Writes down of pending claims whose deadline has passed that they have expired, at that instant. The condition is the one of presenting,
 * inverted, and is looked at once more when a lock was waited for: no claim is both.
 */
export async function expireClaims(tx: Tx, which: OverdueClaims): Promise<readonly ClaimSummary[]> {
  const due = sql`c.state = 'pending' and c.deadline <= statement_timestamp()`;
  const these =
    "limit" in which
      ? sql`c.uid = any(array(select c.uid from claim c where ${due} order by c.deadline limit ${which.limit} for update skip locked))`
      : "jobId" in which
        ? sql`c.job_id = ${which.jobId}`
        : sql`c.uid = any(${[...which.uids]}::uuid[])`;
  const { rows } = await sql<SummaryRow>`
    update claim c
    set state = 'expired', ended_at = c.deadline, version = c.version + 1
    where ${these} and ${due}
    returning ${summaryColumns}
  `.execute(tx);
  return rows.map(toSummary);
}

/** Has replicas told that claims have changed, at the commit of this transaction. */
export async function tellOfClaims(tx: Tx): Promise<void> {
  await sql`select pg_notify(${claimChannel}, '')`.execute(tx);
}

/** Notes which token the task of a claim has now that this transaction has taken. */
export async function noteTaskCredential(
  tx: Tx,
  uid: string,
  credentialId: string,
): Promise<ClaimRecord> {
  const { rows } = await sql<ClaimRow>`
    update claim c set task_credential_id = ${credentialId}, version = c.version + 1
    where c.uid = ${uid}
    returning ${claimColumns}
  `.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("a claim that was locked is gone");
  return toClaim(row);
}
