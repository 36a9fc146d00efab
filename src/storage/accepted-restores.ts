import type { Db } from "./storage.ts";

/** The ids of all restores that operators accepted: a replica that meets a new one may follow another history. */
export async function readAcceptedRestores(db: Db): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom("accepted_restore").select("id").execute();
  return new Set(rows.map(({ id }) => id));
}
