import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import { appendCredentialEvents } from "../../../src/storage/credential/events.ts";
import {
  maxEventsOfRead,
  readEventsAfter,
  readShrinks,
  type EventsRead,
} from "../../../src/storage/credential/read-events.ts";
import type { Storage, Tx } from "../../../src/storage/storage.ts";
import { forEachBackend, useDatabase } from "../../support/database.ts";

const hour = 3_600_000;
const event = (subjectUid: string, version: bigint, shrinks = true) => ({
  ...{ subjectUid, realm: "acme:ci", version, shrinks },
});
const append = (storage: Storage, ...events: Parameters<typeof appendCredentialEvents>[1]) =>
  storage.db.transaction().execute((tx) => appendCredentialEvents(tx, events));
const versions = ({ events }: EventsRead): readonly bigint[] =>
  events.map(({ version }) => version);

forEachBackend((name, open) => {
  describe(`the log of changes of credentials on ${name}`, () => {
    let storage: Storage;
    before(async () => {
      storage = await open();
    });

    it("tells each event once, in the order of the log, and where to go on", async () => {
      const [one, two] = [randomUUID(), randomUUID()];
      let read = await readShrinks(storage.db, hour);
      await append(storage, event(one, 1n), { ...event(two, 7n, false), credentialId: "abc" });
      read = await readEventsAfter(storage.db, read.position);
      assert.deepEqual(
        read.events.map((told) => ({ ...told, at: 0 })),
        [
          { ...event(one, 1n), credentialId: undefined, at: 0 },
          { ...event(two, 7n, false), credentialId: "abc", at: 0 },
        ],
      );
      assert.ok(Math.abs(read.now - (read.events[0]?.at ?? 0)) < 60_000);
      await append(storage, event(one, 2n));
      read = await readEventsAfter(storage.db, read.position);
      assert.deepEqual(versions(read), [2n]);
      read = await readEventsAfter(storage.db, read.position);
      assert.deepEqual(versions(read), []);
    });

    it("tells the highest version of each subject by which somebody may do less, of the time that counts", async () => {
      const [one, two, old] = [randomUUID(), randomUUID(), randomUUID()];
      await append(storage, event(one, 3n), event(one, 2n), event(one, 9n, false));
      await append(storage, event(two, 4n, false), event(old, 5n));
      await storage.db
        .updateTable("credential_event")
        .set({ at: new Date(Date.now() - 2 * hour) } as never)
        .where("subject_uid", "=", old)
        .execute();
      const { events } = await readShrinks(storage.db, hour);
      const told = new Map(
        events.map(({ subjectUid, version, shrinks }) => [subjectUid, [version, shrinks]]),
      );
      assert.deepEqual(told.get(one), [3n, true]);
      assert.deepEqual([told.has(two), told.has(old)], [false, false]);
    });

    it("is another log when its rows were written anew, as those of a database that is restored", async () => {
      const { position } = await readShrinks(storage.db, hour);
      assert.equal((await readEventsAfter(storage.db, position)).position.server, position.server);
      await sql`truncate credential_event`.execute(storage.db);
      assert.notEqual((await readShrinks(storage.db, hour)).position.server, position.server);
    });

    // To write so many takes the embedded database seconds, and it reads them by the same statement.
    const skip = name !== "Postgres";
    it("reads more events than one statement does", { skip }, async () => {
      const { position } = await readShrinks(storage.db, hour);
      const uid = randomUUID();
      const all = Array.from({ length: maxEventsOfRead + 10 }, (_, index) =>
        event(uid, BigInt(index + 1)),
      );
      await append(storage, ...all.slice(0, maxEventsOfRead));
      await append(storage, ...all.slice(maxEventsOfRead));
      const read = await readEventsAfter(storage.db, position);
      assert.deepEqual(
        versions(read),
        all.map(({ version }) => version),
      );
      assert.deepEqual(versions(await readEventsAfter(storage.db, read.position)), []);
    });
  });
});

describe("the log of changes of credentials, on Postgres", () => {
  const open = useDatabase();

  it("tells at once what commits while others stay open, and what commits late, each once", async (t) => {
    const storage = await open();
    const uid = randomUUID();
    let read = await readShrinks(storage.db, hour);
    const next = async (): Promise<readonly bigint[]> => {
      read = await readEventsAfter(storage.db, read.position);
      return versions(read);
    };
    const begin = async (version: bigint) => {
      const { promise: end, resolve: commit } = Promise.withResolvers<void>();
      const { promise: begun, resolve: hasBegun } = Promise.withResolvers<bigint>();
      const done = storage.db.transaction().execute(async (tx: Tx) => {
        await appendCredentialEvents(tx, [event(uid, version)]);
        const { rows } = await sql<{ xid: string }>`
          select pg_current_xact_id()::text as xid`.execute(tx);
        hasBegun(BigInt(rows[0]?.xid ?? ""));
        await end;
      });
      // Also when the test fails: nothing closes a pool of which a connection is in use.
      t.after(() => commit());
      const xid = await begun;
      return {
        xid,
        commit: async (): Promise<void> => {
          commit();
          await done;
        },
      };
    };
    const first = await begin(1n);
    const second = await begin(2n);
    await append(storage, event(uid, 3n));
    assert.deepEqual(await next(), [3n]);
    assert.deepEqual(await next(), []);
    await second.commit();
    assert.deepEqual(await next(), [2n]);
    await append(storage, event(uid, 4n));
    assert.deepEqual(await next(), [4n]);
    // Transactions of other databases of the server may hold it back further.
    assert.ok(read.position.xmin <= first.xid, "the open transaction holds the horizon back");
    await first.commit();
    assert.deepEqual(await next(), [1n]);
    assert.deepEqual(await next(), []);
  });
});
