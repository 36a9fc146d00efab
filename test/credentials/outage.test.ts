import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { sql } from "kysely";
import { Client } from "pg";
import { missedRevocations } from "../../src/credentials/missed-revocations.ts";
import { readShrinks } from "../../src/storage/credential/read-events.ts";
import { openStorage } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { testIdentifier } from "./support/identifier.ts";
import { wordOf } from "./support/memory-database.ts";
import { change, revoke, store, storedRealm } from "./support/stored.ts";

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
    const { ask, askNow, hooks, identifier, pass, reads } = testIdentifier(storage, {
      outageGraceMs: 60_000,
    });
    await identifier.start();
    const known = await store(storage, "session");
    const other = await store(storage, "session");
    const task = await store(storage, "task", { heldMs: 20_000 });
    for (const { token } of [known, task]) assert.equal(wordOf(await ask(token)), "good all");
    await identifier.makeKnown([]);
    const { position, now } = await readShrinks(storage.db, 1_000);
    const same = { ...position, completeAt: now };
    assert.deepEqual((await missedRevocations(storage, same, 10))?.events, []);
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
    // What follows by itself must not come between the start and what is done before anybody reads.
    hooks.after = (what) => {
      if (what === "log") throw new Error("nobody reads the log yet");
    };
    await server.start();
    // What a standby that was promoted did under an id that was told of already, of another transaction.
    const early = (position.xmin - 1n).toString();
    await sql`insert into credential_event (xid, subject_uid, realm, version, shrinks)
      values (${early}::xid8, ${other.uid}, ${storedRealm}, 2, true)`.execute(storage.db);
    await identifier.makeKnown([]);
    hooks.after = () => undefined;
    await identifier.makeKnown([]);
    assert.equal(identifier.standing(other.uid, 1n), "ended");
    assert.equal(await missedRevocations(storage, same, 10), undefined);
    assert.equal(wordOf(await ask(known.token)), "good all");
    assert.equal(wordOf(await ask(other.token)), "good all");
    await change(storage, known.uid, { state: "failed" });
    await identifier.makeKnown([]);
    assert.equal(wordOf(await ask(known.token)), "refused state");
    assert.equal(identifier.standing(known.uid, 1n), "ended");
    await identifier.close();
  });
});
