import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { Storage } from "../../../src/storage/database.ts";
import { eraseIdentity } from "../../../src/storage/history/erase-identity.ts";
import { readChange, readChangeItems } from "../../../src/storage/history/read-change.ts";
import { verifyChanges } from "../../../src/storage/history/verify-changes.ts";
import { onPostgres } from "../../support/database.ts";
import { groupChanges, testApiKey } from "../examples.ts";
import { apply, binding, everything, input, person, realm } from "./erase-support.ts";
import { member, write, writeAsPreviousRelease } from "./support.ts";

describe("eraseIdentity", () => {
  onPostgres((_name, open) => {
    let storage: Storage;
    beforeEach(async () => {
      storage = await open();
    });

    /** A past in which the person is everywhere, and a present in which it is not. */
    async function makeHistory(): Promise<void> {
      await write(storage, groupChanges("g", [person, "user:bob@example.com"]), {
        author: "user:zoe.q@EXAMPLE.com",
        reason: "my own words",
        requestId: "r1",
        requestHash: "h1",
      });
      await write(storage, [member("g", person, "delete")], {
        reason: "Zoe.Q@example.com. left; user:zoe.q@example.com, too",
        requestId: "r2",
        requestHash: "h2",
      });
      await apply(storage, [...realm, binding(undefined, [person, "user:aa@example.com"])]);
      await apply(storage, [binding([person, "user:aa@example.com"], ["user:aa@example.com"])]);
      await writeAsPreviousRelease(storage, {
        author: person,
        reason: "old",
        requestId: "r3",
        items: [member("g", "bot:x", "create"), member("g", "user:zoe.q@example.com", "create")],
      });
      await writeAsPreviousRelease(storage, {
        items: [member("g", "user:zoe.q@example.com", "delete")],
      });
      const key = { ...testApiKey("k1"), identity: person, createdBy: "user:ZOE.q@example.com" };
      await write(storage, [{ kind: "api_key", key: "k1", before: undefined, after: key }]);
      const ended = { ...key, revokedAt: "2026-02-01T00:00:00.000Z" };
      await write(storage, [{ kind: "api_key", key: "k1", before: key, after: ended }]);
      const live = { ...testApiKey("k2"), expiresAt: null, createdBy: person };
      await write(storage, [{ kind: "api_key", key: "k2", before: undefined, after: live }]);
      const id = "0b8f5d0c-8c3c-4f0e-9d53-5d1c1a2b3c4d";
      const restore = {
        id,
        at: "2026-02-01T00:00:00.000Z",
        author: person,
        reason: "zoe.q@example.com",
      };
      await write(storage, [
        { kind: "accepted_restore", key: id, before: undefined, after: restore },
      ]);
      await write(storage, [member("g", "user:joezoe.q@example.com", "create")]);
    }

    test("leaves no trace of the person, a chain that holds, and an entry that does not name it", async () => {
      await makeHistory();
      const erased = await eraseIdentity(storage, input);
      assert.match(erased.pseudonym, /^user:erased-[0-9a-f]{12}$/);
      assert.deepEqual(
        { ...erased, pseudonym: "" },
        { pseudonym: "", items: 10, changes: 3, apiKeys: 2, restores: 1, revision: 12n },
      );
      const all = await everything(storage);
      assert.doesNotMatch(all, /(?<!joe)zoe\.q/i);
      assert.match(all, /joezoe\.q@example\.com/);
      const verified = await verifyChanges(storage.db, 0n, 0n);
      const { faults, itemsErased, changesErased, changes } = verified;
      assert.deepEqual(faults, []);
      // The three whose author or reason named the person, and one of the first form by its item.
      assert.equal(changesErased, 4n);
      assert.equal(itemsErased, 10n);
      assert.equal(changes, 12n);
      const entry = await readChange(storage.db, 12n);
      assert.deepEqual([entry?.author, entry?.reason], ["operator", "request 17"]);
      assert.deepEqual(
        entry?.summary.map(({ kind, updated }) => [kind, updated]),
        [
          ["accepted_restore", 1],
          ["api_key", 2],
        ],
      );
    });

    test("puts the pseudonym everywhere the person was, and keeps what others said", async () => {
      await makeHistory();
      const { pseudonym } = await eraseIdentity(storage, input);
      const first = await readChange(storage.db, 1n);
      assert.deepEqual([first?.author, first?.reason, first?.erased], [pseudonym, "", true]);
      const second = await readChange(storage.db, 2n);
      const bare = pseudonym.slice("user:".length);
      assert.deepEqual(
        [second?.author, second?.reason],
        ["user:ann@example.com", `${bare}. left; ${pseudonym}, too`],
      );
      const [, added] = await readChangeItems(storage.db, 1n, { afterSeq: 0, limit: 9 });
      assert.deepEqual(
        [added?.key, added?.after, added?.erased],
        [`g ${pseudonym}`, { group: "g", member: pseudonym }, true],
      );
      const items = await readChangeItems(storage.db, 3n, { afterSeq: 0, limit: 9 });
      const bound = items.find(({ kind }) => kind === "binding")?.after as {
        principals: readonly string[];
      };
      assert.deepEqual(bound.principals, ["user:aa@example.com", pseudonym], "sorted again");
      const keys = await storage.db.selectFrom("api_key").selectAll().orderBy("id").execute();
      assert.deepEqual(
        keys.map(({ identity, created_by }) => [identity, created_by]),
        [
          [pseudonym, pseudonym],
          ["service:scheduler", pseudonym],
        ],
      );
      const requests = await storage.db
        .selectFrom("request")
        .selectAll()
        .orderBy("request_id")
        .execute();
      assert.deepEqual(
        requests.map(({ author, request_hash }) => [author, request_hash]),
        [
          [pseudonym, "erased"],
          ["user:ann@example.com", "erased"],
        ],
      );
    });

    test("leaves nothing by which a name could be tried", async () => {
      await makeHistory();
      await eraseIdentity(storage, input);
      const items = await storage.db
        .selectFrom("change_item")
        .selectAll()
        .where("erased", "=", true)
        .execute();
      assert.ok(items.every(({ salt }) => salt === null));
      const changes = await storage.db
        .selectFrom("change")
        .selectAll()
        .where("erased", "=", true)
        .execute();
      assert.ok(
        changes.every(
          ({ salt, request_hash }) => salt === null && (request_hash ?? "erased") === "erased",
        ),
      );
      assert.equal(changes.length, 3);
    });

    test("writes nothing when it is a dry run, and counts the same", async () => {
      await makeHistory();
      const before = await everything(storage);
      const rows: number[] = [];
      const planned = await eraseIdentity(storage, {
        ...input,
        dryRun: true,
        onProgress: (seen) => rows.push(seen),
      });
      assert.deepEqual(
        { ...planned, pseudonym: "" },
        { pseudonym: "", items: 10, changes: 3, apiKeys: 2, restores: 1, revision: undefined },
      );
      assert.equal(await everything(storage), before);
      assert.deepEqual(rows, [16]);
    });

    test("can be done to one person after the other", async () => {
      await makeHistory();
      await eraseIdentity(storage, input);
      await write(storage, [member("g", "user:bob@example.com", "delete")]);
      await eraseIdentity(storage, { ...input, identity: "user:bob@example.com" });
      await write(storage, [member("g", "bot:b1", "create"), member("g", "bot:b10", "create")]);
      await write(storage, [member("g", "bot:b1", "delete")], {
        reason: "bot:b1 is gone, bot:b10 not; b1",
      });
      const { pseudonym } = await eraseIdentity(storage, { ...input, identity: "bot:b1" });
      const all = await everything(storage);
      assert.doesNotMatch(all, /bob@|bot:b1\b/i);
      assert.match(all, /bot:b10/);
      assert.ok(all.includes(`${pseudonym} is gone, bot:b10 not; b1`));
      assert.match(pseudonym, /^bot:erased-/);
      assert.deepEqual((await verifyChanges(storage.db, 0n, 0n)).faults, []);
    });

    test("reaches what is written while the log is looked through", async () => {
      await makeHistory();
      let late: Promise<unknown> | undefined;
      const { revision } = await eraseIdentity(storage, {
        ...input,
        onProgress: () => {
          // Writers of a process queue: this one comes before the erasure.
          late ??= write(storage, [member("g", "bot:late", "create")], {
            reason: "for zoe.q@example.com",
          });
        },
      });
      await late;
      assert.equal(revision, 13n);
      assert.doesNotMatch(await everything(storage), /(?<!joe)zoe\.q/i);
      assert.deepEqual((await verifyChanges(storage.db, 0n, 0n)).faults, []);
    });

    test("leaves an entry also when there was nothing to erase", async () => {
      await write(storage, groupChanges("g", []));
      const { revision, items } = await eraseIdentity(storage, input);
      assert.deepEqual([revision, items], [2n, 0]);
      assert.equal((await readChange(storage.db, 2n))?.reason, "request 17");
    });

    test("names the places at which the person is still present", async () => {
      await write(storage, groupChanges("g", [person]));
      await write(storage, groupChanges("h", [person]));
      await assert.rejects(
        eraseIdentity(storage, input),
        /the identity is a member of the group g; a member of the group h: take it away/,
      );
      for (let i = 0; i < 9; i += 1) await write(storage, groupChanges(`i${i}`, [person]));
      await assert.rejects(
        eraseIdentity(storage, input),
        /of the group i7; more besides: take it away/,
      );
    });
  });
});
