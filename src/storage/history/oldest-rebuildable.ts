import type { Db } from "../storage.ts";

/**
 * The lowest revision whose state can be rebuilt: all items of the changes after it are kept. Erased items do
 * not stand in the way: the pseudonym stands for the person in all of them, and in no present state.
 */
export async function oldestRebuildable(db: Db): Promise<bigint> {
  const row = await db
    .selectFrom("change")
    .select("revision")
    .where("items_pruned", "=", true)
    .orderBy("revision", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.revision ?? 0n;
}
