import { sql } from "kysely";
import type { EntityChange } from "../domain/entity.ts";
import type { Db } from "./storage.ts";

/** An item of the log, with the source of its change. */
export interface UndoneItem {
  readonly revision: bigint;
  readonly source: string | undefined;
  readonly change: EntityChange;
}

/** Which items to read: of the changes after one revision, up to another one. */
export interface UndoneRange {
  readonly after: bigint;
  readonly upTo: bigint;
}

// A batch is undone at one go, and no check is answered meanwhile: some 5 ms.
const itemsABatch = 250;

/**
 * Hands over the items of changes in batches, in an order in which they can be undone: the changes newest first; of one
 * change first the parts that it gave to groups and what it did to take-overs, then all else, then the parts that it
 * took from groups or changed. Inside a transaction that sees one state throughout.
 */
export async function scanUndone(
  db: Db,
  { after, upTo }: UndoneRange,
  take: (items: readonly UndoneItem[]) => Promise<void>,
): Promise<void> {
  await sql`
    declare fleetgate_undone no scroll cursor for
    select i.revision, i.kind, i.key, i.before, i.after,
           (select c.source from change as c where c.revision = i.revision) as source
    from change_item as i
    where i.revision > ${sql.lit(after.toString())}::bigint
      and i.revision <= ${sql.lit(upTo.toString())}::bigint
    order by i.revision desc,
             case
               when i.kind = 'group_take_over' then 0
               when i.kind not in ('group_member', 'group_glob', 'group_nested') then 1
               when i.op = 'create' then 0
               else 2
             end,
             i.seq
  `.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`
      fetch ${sql.raw(itemsABatch.toString())} from fleetgate_undone
    `.execute(db);
    if (rows.length > 0) await take(rows.map(toUndone));
    if (rows.length < itemsABatch) break;
  }
  await sql`close fleetgate_undone`.execute(db);
}

interface Row {
  readonly revision: bigint;
  readonly kind: string;
  readonly key: string;
  readonly before: object | null;
  readonly after: object | null;
  readonly source: string | null;
}

function toUndone({ revision, kind, key, before, after, source }: Row): UndoneItem {
  const change = { kind, key, before: before ?? undefined, after: after ?? undefined };
  return { revision, source: source ?? undefined, change: change as EntityChange };
}

/** The last change up to a revision of each group that was changed after it; groups that were not there yet are missing. */
export async function readGroupRevisions(
  db: Db,
  { after, upTo }: UndoneRange,
): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await sql<{ group_name: string; revision: bigint | null }>`
    select touched.group_name, (
      select max(s.revision) from change_summary as s
      where s.group_name = touched.group_name and s.group_name <> '' and s.kind <> 'group_take_over'
        and s.revision <= ${after.toString()}::bigint
    ) as revision
    from (
      select distinct group_name from change_summary
      where revision > ${after.toString()}::bigint and revision <= ${upTo.toString()}::bigint
        and group_name <> '' and kind <> 'group_take_over'
    ) as touched
  `.execute(db);
  return new Map(
    rows.flatMap(({ group_name: name, revision }) => (revision === null ? [] : [[name, revision]])),
  );
}

/**
 * The revision at which a source was last applied, or one of its groups was deleted otherwise, up to a revision;
 * undefined when it never was applied.
 */
export async function readLastApply(
  db: Db,
  source: string,
  upTo: bigint,
): Promise<bigint | undefined> {
  const { rows } = await sql<{ applied: bigint | null; deleted: bigint | null }>`
    select
      (
        select max(revision) from change
        where source = ${source} and revision <= ${upTo.toString()}::bigint
      ) as applied,
      -- Only who takes a group over deletes it although a source manages it, and the take-over goes with it.
      (
        select max(i.revision) from change_item as i
        join change_summary as s on s.revision = i.revision and s.kind = 'group'
          and s.group_name = i.key and s.deleted > 0
        where i.kind = 'group_take_over' and i.op = 'delete'
          and i.before ->> 'source' = ${source} and i.revision <= ${upTo.toString()}::bigint
      ) as deleted
  `.execute(db);
  const { applied = null, deleted = null } = rows[0] ?? {};
  if (applied === null) return undefined;
  return deleted !== null && deleted > applied ? deleted : applied;
}

/**
 * What `reasonRequired` of the settings was before a change that deleted them and does not tell: the previous release
 * writes bodies without it. It keeps what is set, and sets it to false in new settings.
 */
export async function readReasonRequired(db: Db, before: bigint): Promise<boolean> {
  const { rows } = await sql<{ known: string | null }>`
    select after ->> 'reasonRequired' as known from change_item
    where kind = 'settings' and revision < ${before.toString()}::bigint
      and hashtextextended(key, 0) = hashtextextended('settings'::text collate "C", 0)
      and (op = 'create' or after ? 'reasonRequired')
    order by revision desc limit 1
  `.execute(db);
  return rows[0]?.known === "true";
}
