import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import { openKeyring } from "../../../src/credentials/keys/open-keyring.ts";
import { activateFirstKey } from "../../../src/storage/credential/signing-keys.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { eventually } from "../../e2e/support/eventually.ts";
import { useDatabase } from "../../support/database.ts";
import { changeKey, empty, keysOf, opener, signer } from "./support.ts";

describe("following keys", () => {
  const openTestStorage = useDatabase();
  let storage: Storage;
  before(async () => {
    storage = await openTestStorage();
  });

  it("has one winner where replicas race with different first keys, and no loser that fails", async () => {
    await empty(storage);
    let other: Promise<void> | undefined;
    await storage.db.transaction().execute(async (tx) => {
      await activateFirstKey(tx, "url", "a");
      other = activateFirstKey(storage.db, "url", "b");
      other.catch(() => undefined);
      await eventually("the other one waits", async () => {
        const { rows } = await sql`
          select from pg_locks where not granted and locktype = 'transactionid'
        `.execute(tx);
        return rows.length > 0;
      });
    });
    await other;
    const rows = await storage.db.selectFrom("signing_key").select(["id", "state"]).execute();
    assert.deepEqual(rows, [{ id: "a", state: "active" }]);
  });

  it("tells once of files that broke, and of keys that came, changed and went", async () => {
    await empty(storage);
    const told: unknown[] = [];
    const ring = await opener(() => storage)(["url/k1", "url/k2"], {
      onHeld: (change) => told.push(change),
      onProblems: (problems) => told.push(problems),
    });
    ring.put(keysOf("url/k1", "url/k2"), ['"url-k3.key": it is bad']);
    await ring.look();
    await ring.look();
    changeKey("url/k2");
    ring.put(keysOf("url/k2", "url/k3"));
    await ring.look();
    await ring.look();
    assert.deepEqual(told, [
      ['"url-k3.key": it is bad'],
      [],
      { added: ["url/k3"], changed: ["url/k2"], removed: ["url/k1"] },
    ]);
    await ring.close();
  });

  it("A32: goes on with what it knows while the database is lost, and tells of that once", async () => {
    await empty(storage);
    const told: string[] = [];
    let isDown = false;
    const flaky: Storage = {
      ...storage,
      quick: (use, timeoutMs) =>
        isDown ? Promise.reject(new Error("down")) : storage.quick(use, timeoutMs),
    };
    const open = opener(() => flaky);
    const ring = await open(["url/k1"], {
      onFailure: () => told.push("failure"),
      onRecovery: () => told.push("recovery"),
    });
    const signed = ring.keyring.sign("url", () => "text");
    assert.ok(signed);
    isDown = true;
    await ring.look();
    await ring.look();
    assert.equal(signer(ring), "k1");
    assert.equal(ring.keyring.verify("url", "text", signed), "good");
    isDown = false;
    await ring.look();
    assert.deepEqual(told, ["failure", "recovery"]);

    // Where nothing can be written, states are followed all the same.
    const readOnly: Storage = {
      ...storage,
      quick: (use, timeoutMs) =>
        storage.quick(
          (db) =>
            db.transaction().execute(async (tx) => {
              await sql`set transaction read only`.execute(tx);
              return use(tx);
            }),
          timeoutMs,
        ),
    };
    const reader = await opener(() => readOnly)(["url/k1"]);
    assert.equal(reader.keyring.verify("url", "text", signed), "good");
    await reader.close();

    // One that never heard of states signs nothing and refuses nothing.
    isDown = true;
    const deaf = await open(["url/k1"]);
    assert.equal(deaf.isFollowed(), false);
    assert.equal(signer(deaf), undefined);
    assert.equal(deaf.keyring.verify("url", "text", signed), "unknown");
    isDown = false;
    await deaf.look();
    assert.equal(deaf.isFollowed(), true);
    assert.equal(deaf.keyring.verify("url", "text", signed), "good");
    await deaf.close();
    await ring.close();
  });

  it("looks at its files again and again by itself", async () => {
    await empty(storage);
    const one = await opener(() => storage)(["url/k1", "url/k2"]);
    const heard = Promise.withResolvers<void>();
    const other = await openKeyring(storage, {
      ...{ replicaId: randomUUID(), keys: keysOf("url/k1"), everyMs: 20 },
      readAgain: () => {
        heard.resolve();
        return Promise.resolve({ keys: keysOf("url/k1", "url/k2"), problems: [] });
      },
    });
    await heard.promise;
    await other.refresh();
    assert.deepEqual([...other.held().keys()], ["url/k1", "url/k2"]);
    await one.close();
    await other.close();
  });
});
