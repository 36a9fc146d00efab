import { sql } from "kysely";
import type { Db } from "../storage.ts";
import { createItemReader, type ItemReader } from "./item-reader.ts";
import {
  sameBytes,
  verifyChange,
  type Header,
  type ItemRow,
  type VerifiedChange,
} from "./verify-change.ts";

/** What a verification of the chain of hashes found. */
export interface Verification {
  /** The first revision that was verified; 0n: there was none. */
  readonly firstRevision: bigint;
  readonly lastRevision: bigint;
  /** Changes whose hashes fit. */
  readonly changes: bigint;
  /** Items whose hashes fit. */
  readonly items: bigint;
  /** Changes whose items are kept no more. */
  readonly changesPruned: bigint;
  /** Items from which a person was erased. */
  readonly itemsErased: bigint;
  /** Changes of which no hash vouches for author and reason any more, since a person was erased. */
  readonly changesErased: bigint;
  /** At most maxFaults of them. */
  readonly faults: readonly ChainFault[];
}

/** A place where the chain of hashes does not hold. */
export interface ChainFault {
  readonly revision: bigint;
  readonly message: string;
}

/** How many faults a verification tells of. */
export const maxFaults = 100;

const headersABatch = 500;

// Pruning and erasure may come between the reads of one change; then it is read again.
const attempts = 3;

/**
 * Verifies the chain of hashes from one revision to another, both included; 0n stands for the oldest and the
 * newest. Reads in batches, so that it holds neither memory nor the thread for long, whatever the log is like;
 * it sees what is written meanwhile and does not mind. Once the signal aborted it reads no further batch, of changes or of
 * items, and fails with the reason.
 */
export async function verifyChanges(
  db: Db,
  from: bigint,
  to: bigint,
  signal?: AbortSignal,
): Promise<Verification> {
  const end = await readEnd(db);
  const first = from === 0n ? 1n : from;
  const last = to === 0n || to > end.revision ? end.revision : to;
  const total = { changes: 0n, items: 0n, changesPruned: 0n, itemsErased: 0n, changesErased: 0n };
  const faults: ChainFault[] = [];
  const report = (revision: bigint, message: string): void => {
    if (faults.length < maxFaults) faults.push({ revision, message });
  };
  let previous = first === 1n ? new Uint8Array(32) : await readHash(db, first - 1n);
  let expected = first;
  while (expected <= last) {
    signal?.throwIfAborted();
    const headers = await readHeaders(db, expected, last);
    const items = createItemReader(db, headers.at(-1)?.revision ?? last, signal);
    for (const header of headers) {
      if (header.revision > expected) {
        report(expected, missing(expected, header.revision - 1n));
        previous = undefined;
      }
      const found = await verifyOne(db, header, items, signal);
      for (const message of found.faults) report(header.revision, message);
      const linked = previous === undefined || sameBytes(previous, header.prev_hash);
      if (!linked) report(header.revision, "does not continue the change before");
      if (linked && found.faults.length === 0) total.changes += 1n;
      total.items += found.items;
      total.itemsErased += found.itemsErased;
      if (header.items_pruned) total.changesPruned += 1n;
      if (found.whoErased) total.changesErased += 1n;
      previous = header.hash;
      expected = header.revision + 1n;
    }
    if (headers.length < headersABatch) break;
  }
  if (expected <= last) {
    report(expected, missing(expected, last));
    previous = undefined;
  }
  if (last === end.revision) {
    if (previous !== undefined && !sameBytes(previous, end.chainHash)) {
      report(last, "is not the change at which the database stands: its hash is another one");
    }
    if (end.newest > end.revision) {
      report(end.revision + 1n, `the log goes on to revision ${end.newest}, the database does not`);
    }
  }
  const any = first <= last;
  return {
    firstRevision: any ? first : 0n,
    lastRevision: any ? last : 0n,
    ...total,
    faults,
  };
}

function missing(first: bigint, last: bigint): string {
  return first === last ? "is missing" : `is missing, and so are all up to revision ${last}`;
}

async function verifyOne(
  db: Db,
  header: Header,
  items: ItemReader,
  signal: AbortSignal | undefined,
): Promise<VerifiedChange> {
  let current = header;
  let reader = items;
  for (let attempt = 1; ; attempt += 1) {
    const rows = current.items_pruned ? nothing() : reader(current.revision);
    const found = await verifyChange(current, rows);
    if (found.faults.length === 0 || attempt === attempts) return found;
    const [again] = await readHeaders(db, header.revision, header.revision);
    if (again === undefined) return found;
    current = again;
    reader = createItemReader(db, header.revision, signal);
  }
}

async function* nothing(): AsyncGenerator<readonly ItemRow[]> {
  // A change of pruned items has none.
}

async function readEnd(
  db: Db,
): Promise<{ readonly revision: bigint; readonly chainHash: Uint8Array; readonly newest: bigint }> {
  // One statement: changes may be committed meanwhile.
  const { rows } = await sql<{ revision: bigint; chain_hash: Uint8Array; newest: bigint | null }>`
    select revision, chain_hash, (select max(revision) from change) as newest from database
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("the table database is empty");
  return { revision: row.revision, chainHash: row.chain_hash, newest: row.newest ?? 0n };
}

async function readHash(db: Db, revision: bigint): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom("change")
    .select("hash")
    .where("revision", "=", revision)
    .executeTakeFirst();
  return row?.hash;
}

async function readHeaders(db: Db, from: bigint, to: bigint): Promise<readonly Header[]> {
  return db
    .selectFrom("change as c")
    .selectAll()
    .select(
      sql<number>`(select coalesce(sum(s.created + s.updated + s.deleted), 0)::integer
        from change_summary as s where s.revision = c.revision)`.as("summarized"),
    )
    .where("revision", ">=", from)
    .where("revision", "<=", to)
    .orderBy("revision")
    .limit(headersABatch)
    .execute();
}
