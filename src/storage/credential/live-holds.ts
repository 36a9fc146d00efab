import { sql } from "kysely";
import type { Db } from "../storage.ts";

/** Counts the holds that are live, of all tasks: for the metrics. */
export async function countLiveHolds(db: Db): Promise<number> {
  const { rows } = await sql<{ live: bigint }>`
    select count(*) as live from hold where released_at is null and lease_until > now()
  `.execute(db);
  return Number(rows[0]?.live ?? 0n);
}
