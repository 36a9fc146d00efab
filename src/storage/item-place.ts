import { sql } from "kysely";
import type { Db } from "./storage.ts";

/** The place in its change, from 1, of the item about an entity; undefined when there is none. */
export async function readItemPlace(
  db: Db,
  revision: bigint,
  kind: string,
  key: string,
): Promise<number | undefined> {
  // By the index on kind and hash of the key.
  const { rows } = await sql<{ seq: number }>`
    select seq from change_item
    where kind = ${kind} and hashtextextended(key, 0) = hashtextextended(${key}::text collate "C", 0)
      and key = ${key} and revision = ${revision.toString()}::bigint
    order by seq limit 1
  `.execute(db);
  return rows[0]?.seq;
}
