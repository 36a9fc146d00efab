import { sql } from "kysely";
import type { Db } from "../storage.ts";
import type { ItemRow } from "./verify-change.ts";

/** Reads the items of a change in batches. Is asked for one change after the other, of rising revisions. */
export type ItemReader = (revision: bigint) => AsyncGenerator<readonly ItemRow[]>;

// Hashing a batch takes some milliseconds, and nobody else is served meanwhile.
const itemsABatch = 1000;

type Row = ItemRow & { readonly revision: bigint };

/**
 * Makes a reader of the items of changes up to a revision: many small changes come with one query. Fails with the reason
 * of the signal instead of asking for more once that aborted.
 */
export function createItemReader(
  db: Db,
  lastRevision: bigint,
  signal: AbortSignal | undefined,
): ItemReader {
  let rows: readonly Row[] = [];
  let next = 0;
  let position: readonly [bigint, number] = [0n, 0];
  let ended = false;

  const fill = async (revision: bigint): Promise<void> => {
    signal?.throwIfAborted();
    if (position[0] < revision) position = [revision, 0];
    const [after, seq] = position;
    rows = await db
      .selectFrom("change_item")
      .select(["revision", "seq", "kind", "key", "op", "before", "after", "salt", "hash", "erased"])
      .where(sql<boolean>`(revision, seq) > (${after.toString()}::bigint, ${seq}::integer)`)
      .where("revision", "<=", lastRevision)
      .orderBy("revision")
      .orderBy("seq")
      .limit(itemsABatch)
      .execute();
    next = 0;
    const last = rows.at(-1);
    if (last !== undefined) position = [last.revision, last.seq];
    ended = rows.length < itemsABatch;
  };

  return async function* (revision) {
    for (;;) {
      while (next < rows.length && (rows[next]?.revision ?? revision) < revision) next += 1;
      const start = next;
      while (rows[next]?.revision === revision) next += 1;
      if (next > start) yield rows.slice(start, next);
      if (next < rows.length || ended) return;
      await fill(revision);
    }
  };
}
