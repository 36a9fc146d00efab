import { sql } from "kysely";
import { translateStorageError } from "../errors.ts";
import type { Db, Storage, Tx } from "../storage.ts";
import { inWriteTransaction } from "../transaction.ts";

/** What to prune. */
export interface PruneInput {
  /** Changes below this revision, or made before this time. */
  readonly before: bigint | Date;
  /** Only count. */
  readonly dryRun: boolean;
  /** Told after each batch. */
  readonly onProgress?: (progress: PruneProgress) => void;
}

/** How far pruning has come. */
export interface PruneProgress {
  readonly items: bigint;
  /** How many there are to prune. */
  readonly of: bigint;
}

/** What was pruned, or would be. */
export interface Pruned {
  /** All changes below this revision have no items now. */
  readonly beforeRevision: bigint;
  /** How many changes lost their items, */
  readonly changes: bigint;
  /** and how many items these were. */
  readonly items: bigint;
  /** How many remembered requests were forgotten. */
  readonly requests: bigint;
}

/** The advisory lock of pruning: the first 8 bytes of SHA-256 of "fleetgate retention". */
const lockKey = "-3854534333016253120";

const itemsABatch = 5_000;

/**
 * Ends the retention of old changes: their items go, and what was remembered of requests as old; author, time,
 * reason, numbers and hashes stay, and so do the items of the newest change. Works in transactions of their
 * own for each batch, which do not hold up writers; whoever interrupts it can repeat it. Throws a DomainError.
 */
export async function pruneItems(storage: Storage, input: PruneInput): Promise<Pruned> {
  try {
    const before = await findBound(storage.db, input.before);
    const planned = await count(storage.db, before);
    if (input.dryRun) return { beforeRevision: before, ...planned };
    let items = 0n;
    for (let from: bigint | undefined = 0n; from !== undefined;) {
      const start: bigint = from;
      const batch = await inWriteTransaction(storage, async (tx) => pruneBatch(tx, start, before));
      items += batch.items;
      from = batch.next;
      input.onProgress?.({ items, of: planned.items });
    }
    const requests = await inWriteTransaction(storage, async (tx) => forgetRequests(tx, before));
    return { beforeRevision: before, changes: planned.changes, items, requests };
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** The revision below which changes are old; at most that of the newest change. */
async function findBound(db: Db, before: bigint | Date): Promise<bigint> {
  const { revision } = await db.selectFrom("database").select("revision").executeTakeFirstOrThrow();
  if (typeof before === "bigint") return before < revision ? before : revision;
  const first = await db
    .selectFrom("change")
    .select("revision")
    .where("at", ">=", before)
    .orderBy("at")
    .orderBy("revision")
    .limit(1)
    .executeTakeFirst();
  return first === undefined || first.revision > revision ? revision : first.revision;
}

async function count(
  db: Db,
  before: bigint,
): Promise<Pick<Pruned, "changes" | "items" | "requests">> {
  const { rows } = await sql<{ changes: bigint; items: bigint; requests: bigint }>`
    select count(distinct s.revision) as changes,
           coalesce(sum(s.created + s.updated + s.deleted), 0)::bigint as items,
           (select count(*) from request where ${oldRequests(before)}) as requests
    from change_summary as s join change as c on c.revision = s.revision
    where c.revision < ${before.toString()}::bigint and not c.items_pruned
  `.execute(db);
  return rows[0] ?? { changes: 0n, items: 0n, requests: 0n };
}

/** Deletes items and marks their changes in the same transaction. `next`: where to go on, if there may be more. */
async function pruneBatch(
  tx: Tx,
  from: bigint,
  before: bigint,
): Promise<{ readonly items: bigint; readonly next: bigint | undefined }> {
  await sql`select pg_advisory_xact_lock(${lockKey}::bigint)`.execute(tx);
  const { rows } = await sql<{ revision: bigint; items: bigint }>`
    with gone as (
      delete from change_item where (revision, seq) in (
        select revision, seq from change_item
        where revision >= ${from.toString()}::bigint and revision < ${before.toString()}::bigint
        order by revision, seq limit ${itemsABatch}
      )
      returning revision
    )
    select revision, count(*) as items from gone group by revision order by revision
  `.execute(tx);
  await sql`
    update change set items_pruned = true
    where revision = any(${rows.map(({ revision }) => revision.toString())}::bigint[])
      and not items_pruned
  `.execute(tx);
  const items = rows.reduce((sum, row) => sum + row.items, 0n);
  return { items, next: items < BigInt(itemsABatch) ? undefined : rows.at(-1)?.revision };
}

async function forgetRequests(tx: Tx, before: bigint): Promise<bigint> {
  const { numAffectedRows } = await sql`delete from request where ${oldRequests(before)}`.execute(
    tx,
  );
  return numAffectedRows ?? 0n;
}

/** A request that found nothing to change at a revision may have come at any time before the next one. */
function oldRequests(before: bigint): ReturnType<typeof sql<boolean>> {
  return sql<boolean>`revision < ${before.toString()}::bigint - (case when changed then 0 else 1 end)`;
}
