import { sql } from "kysely";
import type { Db } from "./storage.ts";

/** The change that last created a group, up to a revision; 0n when the log does not tell of one. */
export async function readGroupCreation(db: Db, group: string, upTo: bigint): Promise<bigint> {
  const { rows } = await sql<{ revision: bigint | null }>`
    select max(revision) as revision from change_summary
    where group_name = ${group} and group_name <> '' and kind = 'group' and created > 0
      and revision <= ${upTo.toString()}::bigint
  `.execute(db);
  return rows[0]?.revision ?? 0n;
}
