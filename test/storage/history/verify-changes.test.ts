import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";
import type { Storage } from "../../../src/storage/database.ts";
import { verifyChanges } from "../../../src/storage/history/verify-changes.ts";
import { onPostgres, useDatabase } from "../../support/database.ts";
import { groupChanges } from "../examples.ts";
import { group, member, write, writeAsPreviousRelease } from "./support.ts";

describe("verifyChanges", () => {
  onPostgres((_name, open) => {
    let storage: Storage;
    before(async () => {
      storage = await open();
      await write(storage, groupChanges("g", ["user:a@example.com", "user:b@example.com"]));
      await write(storage, [member("g", "user:a@example.com", "delete")], {
        requestId: "r1",
        requestHash: "h1",
      });
      await writeAsPreviousRelease(storage, {
        items: [group("g", "", "old"), group("old", undefined, "new")],
        statements: [
          `update "group" set description = 'old' where name = 'g'`,
          `insert into "group" (name, description, owners) values ('old', 'new', 'administrators')`,
        ],
      });
      await writeAsPreviousRelease(storage, { items: [], requestId: "r2" });
      await write(storage, [member("g", "user:c@example.com", "create")]);
      await write(storage, [group("g", "old", 'q " \\ \u{1f600} é')]);
    });

    test("finds no fault in a chain of both forms, and counts", async () => {
      const found = await verifyChanges(storage.db, 0n, 0n);
      assert.deepEqual(found, {
        firstRevision: 1n,
        lastRevision: 6n,
        changes: 6n,
        items: 8n,
        changesPruned: 0n,
        itemsErased: 0n,
        changesErased: 0n,
        faults: [],
      });
    });

    test("counts changes whose author nothing vouches for, so that a rewritten one stands out", async () => {
      const forged = await open();
      await write(forged, groupChanges("g", ["user:a@example.com"]));
      await write(forged, [member("g", "user:b@example.com", "create")]);
      await forged.exec(
        "update change set author = 'user:x@example.com', salt = null, erased = true where revision = 2",
      );
      const { faults, changesErased } = await verifyChanges(forged.db, 0n, 0n);
      assert.deepEqual([faults, changesErased], [[], 1n]);
    });

    test("reads no further batch of one large change once its caller is gone", async () => {
      const large = await open();
      const members = Array.from({ length: 4_500 }, (_, index) => `bot:b${index}`);
      await write(large, groupChanges("g", members));
      const gone = new Error("gone");
      /** A signal that aborts when it was looked at so often. */
      const abortsAt = (most: number): { readonly signal: AbortSignal; looks: number } => {
        const watched = { signal: {} as AbortSignal, looks: 0 };
        const throwIfAborted = (): void => {
          watched.looks += 1;
          if (watched.looks >= most) throw gone;
        };
        watched.signal = { throwIfAborted } as AbortSignal;
        return watched;
      };
      const whole = abortsAt(Infinity);
      const { items } = await verifyChanges(large.db, 0n, 0n, whole.signal);
      assert.equal(items, 4_501n);
      // One look for each thousand items, and one for the change itself.
      assert.equal(whole.looks, 6);
      for (let most = 1; most <= 6; most += 1) {
        const watched = abortsAt(most);
        await assert.rejects(verifyChanges(large.db, 0n, 0n, watched.signal), gone);
        assert.equal(watched.looks, most);
      }
    });

    test("verifies a part, and a part without anything", async () => {
      const part = await verifyChanges(storage.db, 2n, 3n);
      assert.deepEqual([part.firstRevision, part.lastRevision, part.changes], [2n, 3n, 2n]);
      assert.deepEqual(part.faults, []);
      const none = await verifyChanges(storage.db, 7n, 0n);
      assert.deepEqual([none.firstRevision, none.lastRevision, none.changes], [0n, 0n, 0n]);
    });

    describe("finds what was tampered with", () => {
      beforeEach(async () => {
        await storage.exec(`
          create table if not exists kept_change as select * from change;
          create table if not exists kept_item as select * from change_item;
          create table if not exists kept_summary as select * from change_summary;
          create table if not exists kept_database as select * from database;
          delete from source; delete from change;
          insert into change select * from kept_change;
          insert into change_item select * from kept_item;
          delete from change_summary; insert into change_summary select * from kept_summary;
          update database set (revision, chain_hash) = (select revision, chain_hash from kept_database);
        `);
      });
      const flipped = `sha256('x'::bytea)`;
      const cases: readonly (readonly [
        title: string,
        statement: string,
        revision: bigint,
        message: RegExp,
      ])[] = [
        ["an author", "update change set author = 'x' where revision = 2", 2n, /author, reason/],
        ["a reason", "update change set reason = 'x' where revision = 2", 2n, /author, reason/],
        ["a source", "update change set source = 'x' where revision = 2", 2n, /author, reason/],
        ["a request", "update change set request_hash = 'x' where revision = 2", 2n, /author/],
        ["a time", "update change set at = at + interval '1 s' where revision = 2", 2n, /its hash/],
        ["a salt", "update change set salt = substr(hash, 1, 16) where revision = 2", 2n, /author/],
        ["a salt that is gone", "update change set salt = null where revision = 2", 2n, /salt/],
        [
          "a who_hash",
          `update change set who_hash = ${flipped} where revision = 2`,
          2n,
          /its hash/,
        ],
        [
          "an items_hash",
          `update change set items_hash = ${flipped} where revision = 2`,
          2n,
          /its hash/,
        ],
        ["a count of items", "update change set item_count = 4 where revision = 1", 1n, /its hash/],
        ["a hash", `update change set hash = ${flipped} where revision = 2`, 2n, /its hash/],
        [
          "a link",
          `update change set prev_hash = ${flipped} where revision = 2`,
          2n,
          /does not continue/,
        ],
        [
          "the hash of the database",
          `update database set chain_hash = ${flipped}`,
          6n,
          /not the change at which the database stands/,
        ],
        ["the revision of the database", "update database set revision = 5", 5n, /another one/],
        ["a later change", "update database set revision = 5", 6n, /the log goes on to revision 6/],
        [
          "a key",
          "update change_item set key = 'x' where revision = 1 and seq = 2",
          1n,
          /its items are not/,
        ],
        [
          "a kind",
          "update change_item set kind = 'pool' where revision = 1 and seq = 2",
          1n,
          /its items are not/,
        ],
        [
          "a body",
          `update change_item set after = '{"group":"g","member":"user:x@example.com"}' where revision = 1 and seq = 2`,
          1n,
          /its items are not/,
        ],
        [
          "a body before",
          "update change_item set before = '{}' where revision = 2",
          2n,
          /its items are not/,
        ],
        [
          "the salt of an item",
          "update change_item set salt = null where revision = 2",
          2n,
          /no salt/,
        ],
        [
          "an item that says it is erased",
          "update change_item set erased = true, salt = null, hash = null where revision = 2",
          2n,
          /no salt/,
        ],
        [
          "an erased item with another hash",
          `update change_item set erased = true, salt = null, hash = ${flipped} where revision = 2`,
          2n,
          /its items are not/,
        ],
        [
          "an item that is missing",
          "delete from change_item where revision = 1 and seq = 3",
          1n,
          /it has 2 items, but 3/,
        ],
        [
          "a missing item in the middle",
          "delete from change_item where revision = 1 and seq = 2",
          1n,
          /item 2 is missing/,
        ],
        [
          "an item too many",
          `insert into change_item (revision, seq, kind, key, op, after, salt)
           values (2, 2, 'group', 'x', 'create', '{}', substr(sha256(''), 1, 16))`,
          2n,
          /it has 2 items, but 1/,
        ],
        [
          "items in another order",
          `update change_item set seq = 9 where revision = 1 and seq = 2;
           update change_item set seq = 2 where revision = 1 and seq = 3;
           update change_item set seq = 3 where revision = 1 and seq = 9`,
          1n,
          /its items are not/,
        ],
        [
          "a summary",
          "update change_summary set created = created + 1 where revision = 1 and kind = 'group'",
          1n,
          /summary/,
        ],
        ["a change that is missing", "delete from change where revision = 2", 2n, /is missing/],
        [
          "changes that are missing",
          "delete from change where revision in (2, 3)",
          2n,
          /is missing, and so are all up to revision 3/,
        ],
        ["the newest change", "delete from change where revision = 6", 6n, /is missing/],
        [
          "the author of the first form",
          "update change set author = 'x' where revision = 3",
          3n,
          /hash/,
        ],
        [
          "an item of the first form",
          "update change_item set key = 'x' where revision = 3",
          3n,
          /hash/,
        ],
        [
          "a missing item of the first form",
          "delete from change_item where revision = 3 and seq = 2",
          3n,
          /hash|summary/,
        ],
      ];
      for (const [title, statement, revision, message] of cases) {
        test(title, async () => {
          await storage.exec(statement);
          const { faults, changes } = await verifyChanges(storage.db, 0n, 0n);
          const found = faults.filter((fault) => fault.revision === revision);
          assert.ok(
            found.some((fault) => message.test(fault.message)),
            JSON.stringify(faults, (_, value: unknown) =>
              typeof value === "bigint" ? value.toString() : value,
            ),
          );
          assert.ok(changes <= 6n);
        });
      }
    });
  });
});

describe("verifyChanges of a large change", () => {
  const open = useDatabase();

  test("reads 70,000 items in batches", async () => {
    const storage = await open();
    const members = Array.from({ length: 69_999 }, (_, index) => `bot:b-${index}`);
    await write(storage, groupChanges("g", members));
    await write(storage, [group("g", "", "x")]);
    const found = await verifyChanges(storage.db, 0n, 0n);
    assert.deepEqual(found.faults, []);
    assert.equal(found.items, 70_001n);
    await storage.exec(
      `update change_item set after = '{"group":"g","member":"bot:x"}' where revision = 1 and seq = 66000`,
    );
    const broken = await verifyChanges(storage.db, 0n, 0n);
    assert.deepEqual(
      broken.faults.map(({ revision }) => revision),
      [1n],
    );
  });
});
