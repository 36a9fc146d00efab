import assert from "node:assert/strict";
import { it } from "node:test";
import { sql } from "kysely";
import { listClaims, type ClaimFilter } from "../../../src/storage/credential/list-claims.ts";
import type { Tx } from "../../../src/storage/storage.ts";
import { onPostgres } from "../../support/database.ts";

/** How many claims the connection of a transaction has read lately. */
async function rowsRead(tx: Tx): Promise<number> {
  const { rows } = await sql<{ read: number }>`
    select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as read
    from pg_stat_xact_user_tables where relname = 'claim'`.execute(tx);
  return rows[0]?.read ?? 0;
}

onPostgres((_, open) => {
  it("reads no more claims than it lists, however many others opened in the realm", async () => {
    const { db } = await open();
    await sql`
      insert into claim (uid, job_id, realm, opener, opener_uid, opener_generation, state, credential_id,
        deadline, opened_at, ended_at, terms)
      select gen_random_uuid(), 'j' || i, 'acme:ci', 'user:Many@example.com', null::uuid, null::integer,
        'expired', 'c' || i, now(), now() - i * interval '1 second', now(), '{}'::jsonb
      from generate_series(1, 5000) as i
      union all
      select gen_random_uuid(), 'k' || i, 'acme:ci', 'bot:b1', '6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11', 1,
        'expired', 'd' || i, now(), now() - i * interval '1 hour', now(), '{}'::jsonb
      from generate_series(1, 3) as i`.execute(db);
    await sql`analyze claim`.execute(db);
    const openers: readonly (readonly [opener: string | undefined, found: number])[] = [
      ["6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11", 3],
      ["bot:b1", 0],
      ["user:many@example.com", 10],
      [undefined, 10],
    ];
    for (const [opener, found] of openers) {
      const of = { realm: "acme:ci", jobId: undefined, showEnded: true, after: undefined, opener };
      const filter: ClaimFilter = of;
      await db.transaction().execute(async (tx) => {
        const before = await rowsRead(tx);
        assert.equal((await listClaims(tx, filter, 10)).length, found, opener);
        assert.ok((await rowsRead(tx)) - before <= 10, opener);
      });
    }
  });
});
