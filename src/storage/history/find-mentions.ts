import { sql, type RawBuilder } from "kysely";
import type { Db } from "../storage.ts";
import type { IdentityText } from "./identity-text.ts";

/** Where an item is in the log. */
export interface ItemPlace {
  readonly revision: bigint;
  readonly seq: number;
}

/** Where the log mentions an identity. */
export interface LogMentions {
  readonly items: readonly ItemPlace[];
  /** Changes by their author or reason. */
  readonly changes: readonly bigint[];
}

/** Rows that one statement looks through. */
const rowsABatch = 20_000;

/** Looks through the log after a revision, in batches, for what mentions an identity. */
export async function findMentions(
  db: Db,
  identity: IdentityText,
  after: bigint,
  onProgress: (rows: number) => void = () => {},
): Promise<LogMentions> {
  const items: ItemPlace[] = [];
  let seen = 0;
  for (let from: ItemPlace | undefined = { revision: after + 1n, seq: 0 }; from !== undefined;) {
    const batch: Batch<ItemPlace> = await findInItems(db, identity, from);
    items.push(...batch.found);
    from = batch.last;
    seen += batch.rows;
    onProgress(seen);
  }
  const changes: bigint[] = [];
  for (let from: bigint | undefined = after; from !== undefined;) {
    const batch: Batch<bigint> = await findInChanges(db, identity, from);
    changes.push(...batch.found);
    from = batch.last;
  }
  return { items, changes };
}

interface Batch<Place> {
  readonly found: readonly Place[];
  /** Where to go on; undefined at the end. */
  readonly last: Place | undefined;
  readonly rows: number;
}

/** SQL finds what may mention the identity, and gives of all other rows only how many there are. */
async function findInItems(
  db: Db,
  identity: IdentityText,
  from: ItemPlace,
): Promise<Batch<ItemPlace>> {
  const { rows } = await sql<ItemPlace & { texts: string | null; total: number }>`
    select revision, seq, total, case when found then concat_ws(' ', key, before, after) end as texts
    from (
      select *, row_number() over (order by revision, seq) as place,
             (count(*) over ())::integer as total,
             ${has(identity, "key")} or coalesce(${has(identity, "before")}, false)
               or coalesce(${has(identity, "after")}, false) as found
      from (
        select revision, seq, key, before, after from change_item
        where (revision, seq) > (${from.revision.toString()}::bigint, ${from.seq}::integer)
        order by revision, seq limit ${rowsABatch}
      ) as batch
    ) as marked
    where found or place = total
    order by revision, seq
  `.execute(db);
  const places = rows.map(({ revision, seq }) => ({ revision, seq }));
  const total = rows[0]?.total ?? 0;
  return {
    found: places.filter((_, index) => identity.mentions(rows[index]?.texts ?? "")),
    last: total < rowsABatch ? undefined : places.at(-1),
    rows: total,
  };
}

async function findInChanges(db: Db, identity: IdentityText, from: bigint): Promise<Batch<bigint>> {
  const { rows } = await sql<{ revision: bigint; texts: string | null; total: number }>`
    select revision, total, case when found then concat_ws(' ', author, reason) end as texts
    from (
      select *, row_number() over (order by revision) as place, (count(*) over ())::integer as total,
             ${has(identity, "author")} or ${has(identity, "reason")} as found
      from (
        select revision, author, reason from change
        where revision > ${from.toString()}::bigint order by revision limit ${rowsABatch}
      ) as batch
    ) as marked
    where found or place = total
    order by revision
  `.execute(db);
  const total = rows[0]?.total ?? 0;
  return {
    found: rows
      .filter(({ texts }) => identity.mentions(texts ?? ""))
      .map(({ revision }) => revision),
    last: total < rowsABatch ? undefined : rows.at(-1)?.revision,
    rows: total,
  };
}

function has(identity: IdentityText, column: string): RawBuilder<boolean> {
  const text = sql.raw(identity.folds ? `lower(${column}::text collate "C")` : `${column}::text`);
  return sql<boolean>`strpos(${text}, ${identity.needle}::text collate "C") > 0`;
}
