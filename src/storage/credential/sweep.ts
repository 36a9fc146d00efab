import { sql, type RawBuilder } from "kysely";
import type { Db, Storage, Tx } from "../storage.ts";
import {
  auditEventIsDue,
  claimIsDue,
  claimSecretIsDue,
  credentialIsDue,
  dueCredentialIds,
  eventIsDue,
  holdIsDue,
  managerIsDue,
  replicaIsDue,
  secretIsDue,
  subjectIsDue,
  subjectWillBeDue,
  sweptThings,
  type SweptThing,
} from "./sweep-rules.ts";
import { inCredentialTransaction } from "./transaction.ts";

/** How many of each a sweep removed, or would. */
export type Swept = Readonly<Record<SweptThing, number>>;

/** How a sweep is done. */
export interface SweepInput {
  /** For how many milliseconds audit events are kept. */
  readonly auditMs: number;
  /** How many rows a transaction removes at most; 1,000 unless set. */
  readonly batchSize?: number;
  /** Whether to wait for another sweep that is at work; else it is left to that one. */
  readonly wait: boolean;
  /** Ends it between two batches. */
  readonly signal?: AbortSignal | undefined;
}

/** The advisory lock of sweeping: the first 8 bytes of SHA-256 of "fleetgate credential sweep". */
export const sweepLockKey = "-4968862419460893230";

/** Nothing. */
export const sweptNothing: Swept = Object.freeze({
  ...{
    holds: 0,
    managers: 0,
    credentials: 0,
    secrets: 0,
    subjects: 0,
    claims: 0,
    claim_secrets: 0,
    events: 0,
    audit_events: 0,
    replicas: 0,
  },
});

/**
 * Removes what is past its retention, in batches with a transaction each: a batch takes the rows that nobody has locked, looks once
 * more whether they are due, and waits for nobody. The lock is held to the end of each transaction, so that it works through poolers.
 * Undefined: another sweep was at work. Throws a DomainError.
 */
export async function sweepCredentials(
  storage: Storage,
  input: SweepInput,
): Promise<Swept | undefined> {
  const take = batches(input.auditMs);
  const swept = { ...sweptNothing };
  for (const thing of sweptThings) {
    const removed = await sweepAll(storage, input, take[thing]);
    if (removed === undefined) return undefined;
    swept[thing] = removed;
  }
  return swept;
}

/** Takes batch after batch until there is nothing more, and counts what was removed. Undefined: another sweep was at work. */
async function sweepAll(
  storage: Storage,
  { batchSize = 1_000, wait, signal }: SweepInput,
  take: TakeBatch,
): Promise<number | undefined> {
  let removed = 0;
  let after = "";
  while (!isEnding(signal)) {
    const from = after;
    const done = await inCredentialTransaction(storage, "server", async (tx) =>
      (await lock(tx, wait)) ? take(tx, from, batchSize) : undefined,
    );
    if (done === undefined) return undefined;
    removed += done.removed;
    if (done.found < batchSize || done.removed === 0) break;
    after = done.last;
  }
  return removed;
}

function isEnding(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Counts what a sweep would remove now. */
export async function countDue(db: Db | Tx, auditMs: number): Promise<Swept> {
  const ofSubject = sql`credential as c join subject as s on s.uid = c.subject_uid`;
  const { rows } = await sql<Record<SweptThing, bigint>>`
    select (select count(*) from hold as h where ${holdIsDue}) as holds,
           (select count(*) from manager as m where ${managerIsDue}) as managers,
           (select count(*) from ${ofSubject} where ${credentialIsDue}) as credentials,
           (select count(*) from ${ofSubject} where ${secretIsDue} and not ${credentialIsDue}) as secrets,
           (select count(*) from subject as s where ${subjectWillBeDue}) as subjects,
           (select count(*) from claim as c where ${claimIsDue}) as claims,
           (select count(*) from claim as c where ${claimSecretIsDue} and not ${claimIsDue}) as claim_secrets,
           (select count(*) from credential_event where ${eventIsDue}) as events,
           (select count(*) from credential_audit where ${auditEventIsDue(auditMs)}) as audit_events,
           (select count(*) from signing_key_holder where ${replicaIsDue}) as replicas
  `.execute(db);
  const [row] = rows;
  if (row === undefined) return sweptNothing;
  const counted = { ...sweptNothing };
  for (const thing of sweptThings) counted[thing] = Number(row[thing]);
  return counted;
}

async function lock(tx: Tx, wait: boolean): Promise<boolean> {
  if (wait) {
    await sql`select pg_advisory_xact_lock(${sweepLockKey}::bigint)`.execute(tx);
    return true;
  }
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(${sweepLockKey}::bigint) as locked
  `.execute(tx);
  return rows[0]?.locked === true;
}

/** What a batch came to. */
interface Batch {
  /** How many rows it had a lock on: fewer than its size when there were no more. */
  readonly found: number;
  readonly removed: number;
  /** The key of the last of them. */
  readonly last: string;
}

type TakeBatch = (tx: Tx, after: string, size: number) => Promise<Batch>;

function batches(auditMs: number): Readonly<Record<SweptThing, TakeBatch>> {
  const auditIsDue = auditEventIsDue(auditMs);
  return {
    holds: batch(
      (size) => sql`select h.ctid::text as key from hold as h where ${holdIsDue}
        limit ${size} for update skip locked`,
      (keys) => sql`delete from hold as h where h.ctid = any(${keys}::tid[]) and ${holdIsDue}`,
    ),
    managers: batch(
      (size) => sql`select m.ctid::text as key from manager as m where ${managerIsDue}
        limit ${size} for update of m skip locked`,
      (keys) => sql`
        with gone as (
          delete from manager as m where m.ctid = any(${keys}::tid[]) and ${managerIsDue}
          returning m.runner_uid, m.system_id
        ), silent as (
          delete from manager_contact as h using gone as g
          where h.runner_uid = g.runner_uid and h.system_id = g.system_id
        )
        select system_id from gone`,
    ),
    credentials: batch(
      (
        size,
      ) => sql`select c.id as key from credential as c join subject as s on s.uid = c.subject_uid
        where c.id in (${dueCredentialIds(size)}) and ${credentialIsDue}
        order by c.id limit ${size} for update of c skip locked`,
      (keys) => sql`
        with gone as (
          delete from credential as c using subject as s
          where c.id = any(${keys}::text[]) and s.uid = c.subject_uid and ${credentialIsDue}
          returning c.id
        ), unused as (delete from credential_use where id in (select id from gone))
        select id from gone`,
    ),
    secrets: batch(
      (size, after) => sql`
        select c.id as key from credential as c join subject as s on s.uid = c.subject_uid
        where c.id > ${after} and ${secretIsDue}
        order by c.id limit ${size} for update of c skip locked`,
      (keys) => sql`
        update credential as c set secret_hash = null, lookup_hash = null, nonce_hash = null
        from subject as s
        where c.id = any(${keys}::text[]) and s.uid = c.subject_uid and ${secretIsDue}`,
    ),
    subjects: batch(
      (size) => sql`select s.uid::text as key from subject as s where ${subjectIsDue}
        limit ${size} for update of s skip locked`,
      (keys) =>
        sql`delete from subject as s where s.uid = any(${keys}::uuid[]) and ${subjectIsDue}`,
    ),
    claims: batch(
      (size) => sql`select c.uid::text as key from claim as c where ${claimIsDue}
        limit ${size} for update skip locked`,
      (keys) => sql`delete from claim as c where c.uid = any(${keys}::uuid[]) and ${claimIsDue}`,
    ),
    claim_secrets: batch(
      (size) => sql`select c.uid::text as key from claim as c where ${claimSecretIsDue}
        limit ${size} for update skip locked`,
      (keys) => sql`update claim as c set secret_hash = null, nonce_hash = null
        where c.uid = any(${keys}::uuid[]) and ${claimSecretIsDue}`,
    ),
    events: batch(
      (size) => sql`select ctid::text as key from credential_event where ${eventIsDue}
        order by at limit ${size} for update skip locked`,
      (keys) =>
        sql`delete from credential_event where ctid = any(${keys}::tid[]) and ${eventIsDue}`,
    ),
    audit_events: batch(
      (size) => sql`select id::text as key from credential_audit where ${auditIsDue}
        order by at limit ${size} for update skip locked`,
      (keys) =>
        sql`delete from credential_audit where id = any(${keys}::bigint[]) and ${auditIsDue}`,
    ),
    replicas: batch(
      (size) => sql`select replica::text as key from signing_key_holder where ${replicaIsDue}
        limit ${size} for update skip locked`,
      (keys) => sql`delete from signing_key_holder
        where replica = any(${keys}::uuid[]) and ${replicaIsDue}`,
    ),
  };
}

/** A batch in two statements: one takes rows that nobody has locked, the other sees what was committed until then. */
function batch(
  select: (size: number, after: string) => RawBuilder<unknown>,
  remove: (keys: readonly string[]) => RawBuilder<unknown>,
): TakeBatch {
  return async (tx, after, size) => {
    const { rows } = await (select(size, after) as RawBuilder<{ key: string }>).execute(tx);
    const keys = rows.map(({ key }) => key);
    if (keys.length === 0) return { found: 0, removed: 0, last: after };
    const { numAffectedRows, rows: gone } = await remove(keys).execute(tx);
    const removed = gone.length > 0 ? gone.length : Number(numAffectedRows ?? 0n);
    return { found: keys.length, removed, last: keys.at(-1) ?? after };
  };
}
