import { sql } from "kysely";
import { translateStorageError } from "./errors.ts";
import { jsonChunks } from "./json-chunks.ts";
import type { Storage } from "./storage.ts";

/**
 * Records when API keys (by id) were last used. An earlier time than the recorded one, and a key that
 * does not exist, are left out. No revision: a use is no change. Throws a DomainError.
 */
export async function recordKeyUse(
  storage: Storage,
  uses: ReadonlyMap<string, Date>,
): Promise<void> {
  try {
    for (const { json } of jsonChunks(uses, ([id, at]) => ({ id, at: at.toISOString() }))) {
      // In the order of ids, so that two processes that do this at once do not deadlock.
      await sql`
        insert into api_key_use (id, last_used_at)
        select r.id, r.at
        from json_to_recordset(${json}::json) as r (id text, at timestamptz)
        join api_key on api_key.id = r.id
        order by api_key.id
        on conflict (id) do update
        set last_used_at = greatest(api_key_use.last_used_at, excluded.last_used_at)
      `.execute(storage.db);
    }
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** When the keys of these ids were last used; keys that never were are missing. Throws a DomainError. */
export async function readKeyUse(
  storage: Storage,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  try {
    const rows = await storage.db
      .selectFrom("api_key_use")
      .select(["id", "last_used_at"])
      .where("id", "=", sql<string>`any(${[...ids]}::text[])`)
      .execute();
    return new Map(rows.map((row) => [row.id, row.last_used_at]));
  } catch (error) {
    throw translateStorageError(error);
  }
}
