import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Client } from "pg";
import { openStorage } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { testIdentifier } from "./support/identifier.ts";
import { wordOf } from "./support/memory-database.ts";
import { change, revoke, store } from "./support/stored.ts";

describe("identifying on a Postgres that goes away", async () => {
  // What it has committed must outlive its end here.
  const server = await startPostgres({ durable: true });
  after(() => server.remove());
  const storage = await openStorage({ kind: "postgres", url: server.url });
  after(() => storage.close());
  await migrate(storage);

  it("U22 sees a revocation within two seconds although the log is not followed and every connection was cut", async () => {
    const { ask, askNow, hooks, identifier, pass } = testIdentifier(storage);
    await identifier.start();
    const stored = await store(storage, "session");
    assert.equal(wordOf(await ask(stored.token)), "good all");
    hooks.after = (what) => {
      if (what === "log") throw new Error("nobody reads the log");
    };
    await revoke(storage, stored);
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    await client.end();
    pass(2_001);
    assert.equal(wordOf(askNow(stored.token)), "ask");
    assert.equal(wordOf(await ask(stored.token)), "refused revoked");
    await identifier.close();
  });

  it("U20 goes on for the grace and no longer; then nobody can tell, until it is back", async () => {
    const { ask, askNow, identifier, pass, reads } = testIdentifier(storage, {
      outageGraceMs: 60_000,
    });
    await identifier.start();
    const known = await store(storage, "session");
    const other = await store(storage, "session");
    const task = await store(storage, "task", { heldMs: 20_000 });
    for (const { token } of [known, task]) assert.equal(wordOf(await ask(token)), "good all");
    await identifier.makeKnown([]);
    await server.stop();
    pass(10_000);
    assert.equal(wordOf(await ask(known.token)), "good all");
    const before = reads.credentials;
    assert.equal(wordOf(await ask(other.token)), "unavailable");
    assert.equal(wordOf(await ask(known.token, { freshness: "strict" })), "unavailable");
    assert.equal(identifier.standing(known.uid, 1n), "current");
    pass(20_000);
    // Nobody could renew its lease, so it goes on.
    assert.equal(wordOf(askNow(task.token)), "good all");
    pass(35_000);
    assert.equal(wordOf(askNow(known.token)), "unavailable");
    assert.equal(identifier.standing(known.uid, 1n), "unknown");
    assert.equal(reads.credentials, before, "no look-up was tried again");
    await server.start();
    await identifier.makeKnown([]);
    assert.equal(wordOf(await ask(known.token)), "good all");
    assert.equal(wordOf(await ask(other.token)), "good all");
    await change(storage, known.uid, { state: "failed" });
    await identifier.makeKnown([]);
    assert.equal(wordOf(await ask(known.token)), "refused state");
    assert.equal(identifier.standing(known.uid, 1n), "ended");
    await identifier.close();
  });
});
