import type { EntityChange } from "../domain/entity.ts";
import { readPosition, type RevisionPoint } from "./revision-point.ts";
import type { Db } from "./storage.ts";

/** One change of the log with all that it did. */
export interface StoredChange {
  readonly revision: bigint;
  /** The source whose configuration was applied, if any. */
  readonly source: string | undefined;
  readonly prevHash: Uint8Array;
  readonly hash: Uint8Array;
  /** In the order of kinds and keys. */
  readonly items: readonly EntityChange[];
}

/** What happened after a revision. */
export interface ChangesAfter {
  /** Where the database stands. */
  readonly point: RevisionPoint & { readonly tokenKey: Uint8Array };
  /**
   * Without holes and oldest first; undefined when they have more items than asked for, or some do not tell any more
   * what happened: they were pruned, or a person was erased from them. Then everything is to be loaded.
   */
  readonly changes: readonly StoredChange[] | undefined;
}

/**
 * Reads the changes after a revision, of `maxItems` items together at most, inside a transaction that sees one
 * state throughout, or that holds the revision row.
 */
export async function readChangesAfter(
  db: Db,
  revision: bigint,
  maxItems: number,
): Promise<ChangesAfter> {
  const point = await readPosition(db);
  if (point.revision <= revision) return { point, changes: [] };
  // Items come before what tells whether they are all there: pruning does not wait for the revision row.
  const items = await readItemsAfter(db, revision, maxItems + 1);
  if (items.length > maxItems || items.some(({ erased }) => erased)) {
    return { point, changes: undefined };
  }
  const headers = await db
    .selectFrom("change")
    .select(["revision", "source", "prev_hash", "hash", "items_pruned"])
    .where("revision", ">", revision)
    .orderBy("revision")
    .limit(maxItems + 1)
    .execute();
  if (headers.length > maxItems || headers.some((header) => header.items_pruned)) {
    return { point, changes: undefined };
  }
  const byRevision = Map.groupBy(items, (item) => item.revision);
  return {
    point,
    changes: headers.map((header) => ({
      revision: header.revision,
      source: header.source ?? undefined,
      prevHash: header.prev_hash,
      hash: header.hash,
      items: (byRevision.get(header.revision) ?? []).map(({ change }) => change),
    })),
  };
}

interface LoggedItem {
  readonly revision: bigint;
  readonly change: EntityChange;
  /** Whether a person was erased from it, so that it names nobody who was ever in the tables. */
  readonly erased: boolean;
}

/** Reads the items of all changes after a revision, at most so many, in their order. */
async function readItemsAfter(
  db: Db,
  revision: bigint,
  limit: number,
): Promise<readonly LoggedItem[]> {
  const rows = await db
    .selectFrom("change_item")
    .select(["revision", "kind", "key", "before", "after", "erased"])
    .where("revision", ">", revision)
    .orderBy("revision")
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.map(({ revision: of, kind, key, before, after, erased }) => ({
    revision: of,
    erased,
    change: {
      kind,
      key,
      before: before ?? undefined,
      after: after ?? undefined,
    } as EntityChange,
  }));
}
