import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KyselyPlugin } from "kysely";
import { ForeignHistoryError } from "../../src/replica/replica.ts";
import { ConnectionError } from "../../src/storage/connection-error.ts";
import type { Storage } from "../../src/storage/database.ts";
import { useDatabase } from "../support/database.ts";
import { hasReason } from "../support/errors.ts";
import { addGroup, ann, follow } from "./support/followed.ts";

const open = useDatabase();

describe("a replica whose database goes wrong", () => {
  it("keeps its state while storage fails, says so once, and says when that is over", async () => {
    const storage = await open();
    const { replica, seen } = follow(storage);
    await replica.refresh();
    await storage.db.schema.alterTable("database").renameTo("database_away").execute();
    await assert.rejects(replica.refresh());
    await assert.rejects(replica.refresh());
    assert.notEqual(replica.current(), undefined);
    await storage.db.schema.alterTable("database_away").renameTo("database").execute();
    await replica.refresh();
    assert.deepEqual(seen, ["state 0", "failure", "recovery"]);
  });

  it("loads everything when changes cannot be read in their time again, though storage answers", async () => {
    const storage = await open();
    // Whatever has two rows does not come in the short time that quick reads have.
    const tooSlow: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      transformResult: ({ result }) =>
        result.rows.length > 1
          ? Promise.reject(new ConnectionError("no answer of the database"))
          : Promise.resolve(result),
    };
    const slow: Storage = {
      ...storage,
      quick: (use, ms) => storage.quick((db) => use(db.withPlugin(tooSlow)), ms),
    };
    const { replica, seen } = follow(slow);
    await replica.refresh();
    await addGroup(storage, "g");
    for (let time = 0; time < 2; time += 1) {
      await assert.rejects(replica.refresh(), hasReason("STORAGE_UNAVAILABLE"));
    }
    await replica.refresh();
    assert.equal(replica.current()?.revision, 1n);
    assert.deepEqual(seen, ["state 0", "failure", "state 1", "recovery"]);
  });

  it("fails with STORAGE_UNAVAILABLE after the storage was closed", async () => {
    const storage = await open();
    const { replica } = follow(storage);
    await storage.close();
    await assert.rejects(replica.refresh(), hasReason("STORAGE_UNAVAILABLE"));
  });

  it("does not follow a lower revision", async () => {
    const storage = await open();
    const { replica, seen } = follow(storage);
    await addGroup(storage, "g");
    await replica.refresh();
    await storage.exec(
      "update database set revision = 0, chain_hash = decode(repeat('00', 32), 'hex')",
    );
    await assert.rejects(replica.refresh(), ForeignHistoryError);
    await assert.rejects(replica.refresh(), ForeignHistoryError);
    assert.deepEqual(seen, ["state 1", "foreign"]);
    assert.equal(replica.current()?.revision, 1n);
  });

  it("does not follow another history that has gone further", async () => {
    const storage = await open();
    const fork = await open();
    const { database_id: id } = await storage.db
      .selectFrom("database")
      .select("database_id")
      .executeTakeFirstOrThrow();
    await fork.exec(`update database set database_id = '${id}'`);
    await addGroup(storage, "g");
    await addGroup(fork, "h");
    await addGroup(fork, "i");
    // One storage that turns into the other between two looks, as after a restore from a backup.
    let turned = false;
    const turning: Storage = new Proxy(storage, {
      get: (target, name) => Reflect.get(turned ? fork : target, name) as unknown,
    });
    const { replica, seen } = follow(turning);
    await replica.refresh();
    turned = true;
    await assert.rejects(replica.refresh(), ForeignHistoryError);
    await assert.rejects(replica.refresh(), ForeignHistoryError);
    assert.deepEqual(seen, ["state 1", "foreign"]);
    assert.equal(replica.current()?.snapshot.authDb.isMember(ann, "g"), true);
  });
});
