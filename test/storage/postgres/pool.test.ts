import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { useDatabase } from "../../support/database.ts";

describe("the pool of a Postgres storage", () => {
  const open = useDatabase();

  it("does not lend a connection again whose session the server has ended", async () => {
    const { db } = await open({ poolSize: 1 });
    for (let round = 0; round < 20; round += 1) {
      const ended = sql`select pg_terminate_backend(pg_backend_pid())`.execute(db);
      await assert.rejects(ended, { code: "57P01" });
      await sql`select 1`.execute(db);
    }
  });

  it("keeps a connection whose statement failed", async () => {
    const { db } = await open({ poolSize: 1, statementTimeoutMs: 100 });
    const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`;
    const { rows: before } = await pid.execute(db);
    await assert.rejects(sql`select 1 / 0`.execute(db), { code: "22012" });
    await assert.rejects(sql`select pg_sleep(30)`.execute(db), { code: "57014" });
    assert.deepEqual((await pid.execute(db)).rows, before);
  });
});
