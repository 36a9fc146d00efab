import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import { insertCredential } from "../../../src/storage/credential/new-credential.ts";
import { bumpSubject, lockSubject, readSubject } from "../../../src/storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../../src/storage/credential/transaction.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { forEachBackend } from "../../support/database.ts";
import { storeBot } from "./support.ts";

forEachBackend((name, open) => {
  let storage: Storage;
  before(async () => {
    storage = await open();
  });

  describe("lockSubject", () => {
    it("finds the live subject of an id, and by the uid the deleted one too (U49)", async () => {
      const old = await storeBot(storage, { id: "twice" });
      await storage.db
        .updateTable("subject")
        .set({ deleted_at: new Date() })
        .where("uid", "=", old)
        .execute();
      const key = { kind: "bot", id: "twice" } as const;
      assert.equal(await readSubject(storage.db, key), undefined);
      const uid = await storeBot(storage, { id: "twice" });
      await inCredentialTransaction(storage, "server", async (tx) => {
        assert.equal((await lockSubject(tx, key))?.row.uid, uid);
        assert.equal((await lockSubject(tx, { uid: old }))?.row.subject_id, "twice");
        assert.equal(await lockSubject(tx, { kind: "task", id: "twice" }), undefined);
        assert.equal(await lockSubject(tx, { uid: randomUUID() }), undefined);
      });
    });

    it("tells the time of the database", async () => {
      const uid = await storeBot(storage);
      const { now, row } = await inCredentialTransaction(storage, "server", async (tx) => {
        const locked = await lockSubject(tx, { uid });
        return locked ?? assert.fail();
      });
      assert.ok(now >= row.created_at.getTime());
    });

    // The embedded database has one connection: there, nobody waits for a lock.
    it(
      "tells the time at which the lock was had, not when the wait began",
      { skip: name !== "Postgres" },
      async () => {
        const uid = await storeBot(storage);
        const clock = async (): Promise<number> => {
          const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(
            storage.db,
          );
          return rows[0]?.at.getTime() ?? assert.fail();
        };
        const { promise: release, resolve: letGo } = Promise.withResolvers<undefined>();
        const { promise: held, resolve: isHeld } = Promise.withResolvers<undefined>();
        const first = inCredentialTransaction(storage, "server", async (tx) => {
          await lockSubject(tx, { uid });
          isHeld(undefined);
          await release;
        });
        await held;
        const { promise: hasBegun, resolve: began } = Promise.withResolvers<undefined>();
        const second = inCredentialTransaction(storage, "server", async (tx) => {
          await sql`select 1`.execute(tx);
          began(undefined);
          return lockSubject(tx, { uid });
        });
        await hasBegun;
        const between = await clock();
        letGo(undefined);
        await first;
        const locked = (await second) ?? assert.fail();
        assert.ok(locked.now >= between, `${locked.now} is before ${between}`);
      },
    );
  });

  it("bumpSubject raises the version and tells the log of it in the same transaction", async () => {
    const uid = await storeBot(storage);
    const after = await inCredentialTransaction(storage, "server", async (tx) => {
      const { row } = (await lockSubject(tx, { uid })) ?? assert.fail();
      return bumpSubject(tx, row, { state: "idle" }, { shrinks: true });
    });
    assert.deepEqual([after.state, after.version], ["idle", 2n]);
    const events = await storage.db
      .selectFrom("credential_event")
      .select(["credential_id", "realm", "version", "shrinks"])
      .where("subject_uid", "=", uid)
      .execute();
    assert.deepEqual(events, [
      { credential_id: null, realm: "proj:bots", version: 2n, shrinks: true },
    ]);
    const failing = inCredentialTransaction(storage, "server", async (tx) => {
      await bumpSubject(tx, after, { state: "active" }, { shrinks: false });
      throw new Error("later");
    });
    await assert.rejects(failing);
    assert.deepEqual(await readSubject(storage.db, { uid }), after);
  });

  it("insertCredential stores what it is told", async () => {
    const uid = await storeBot(storage);
    const secretHash = new Uint8Array(32).fill(7);
    const expiresAt = Date.UTC(2030, 0, 1);
    await inCredentialTransaction(storage, "server", (tx) =>
      insertCredential(tx, {
        id: "0123456789abcdef",
        kind: "session",
        subjectUid: uid,
        generation: 2,
        epoch: 3n,
        secretHash,
        audiences: ["cache", 'a,{}"b'],
        expiresAt,
        parent: "p",
        issuedBy: "bot:b",
      }),
    );
    const row = await storage.db
      .selectFrom("credential")
      .selectAll()
      .where("subject_uid", "=", uid)
      .executeTakeFirstOrThrow();
    assert.deepEqual([row.kind, row.generation, row.epoch], ["session", 2, 3n]);
    assert.deepEqual(new Uint8Array(row.secret_hash ?? []), secretHash);
    assert.deepEqual([row.audiences, row.permissions], [["cache", 'a,{}"b'], []]);
    assert.deepEqual([row.expires_at.getTime(), row.parent], [expiresAt, "p"]);
    assert.deepEqual([row.lookup_hash, row.issued_by, row.version], [null, "bot:b", 1n]);
  });
});
