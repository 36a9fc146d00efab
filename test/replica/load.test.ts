import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import type { Identity } from "../../src/domain/identity.ts";
import type { EngineWarning } from "../../src/engine/snapshot.ts";
import { load } from "../../src/replica/follow.ts";
import type { LoadProgress } from "../../src/storage/load-state.ts";
import { writeChange } from "../../src/storage/write-change.ts";
import { onPostgres } from "../support/database.ts";
import { groupChanges } from "../storage/examples.ts";

const meta = { author: "user:root@x.com", reason: "", requestId: "", requestHash: "" };

onPostgres((_, open) => {
  describe("a load", () => {
    it("makes no two members of a text that holds a line break or quotes, and says that it is malformed", async () => {
      const storage = await open();
      const members = ["user:ann@x.com"];
      const changes = [...groupChanges("g", members), ...groupChanges("h", members)];
      await writeChange(storage, meta, () => Promise.resolve({ source: undefined, changes }));
      const texts = [
        "user:mallory@x.com\nuser:root@x.com",
        '"\n"user:root@x.com"\n"',
        'user:a@x.com","user:root@x.com',
        "user:a@x.com,user:root@x.com",
        "\n",
      ];
      for (const text of texts) {
        await sql`insert into group_member values ('g', ${text}, ${text})`.execute(storage.db);
      }
      const warnings: EngineWarning[] = [];
      const { snapshot } = await load(storage, { onWarning: (it) => void warnings.push(it) });
      const has = (who: string, group: string): boolean =>
        snapshot.authDb.isMember(who as Identity, group);
      assert.deepEqual([has("user:ann@x.com", "g"), has("user:ann@x.com", "h")], [true, true]);
      for (const who of ["user:root@x.com", "user:mallory@x.com", "user:a@x.com"]) {
        assert.equal(has(who, "g"), false, who);
      }
      assert.equal(snapshot.groups.entry("g")?.members.size, 1);
      assert.deepEqual(warnings, [{ kind: "malformed_member", name: "g" }]);
    });

    it("takes every member of many groups, and tells how far it has come", async () => {
      const storage = await open();
      // More groups than come at once, and one of more members than are taken at once.
      const groups = Array.from({ length: 700 }, (_unused, index) => `g${index}`);
      const crowd = Array.from({ length: 3_000 }, (_unused, index) => `user:u${index}@x.com`);
      const changes = [
        ...groups.flatMap((name) => groupChanges(name, [`user:${name}@x.com`, "bot:b"])),
        ...groupChanges("crowd", crowd),
      ];
      await writeChange(storage, meta, () => Promise.resolve({ source: undefined, changes }));
      const told: LoadProgress[] = [];
      const { snapshot } = await load(storage, { onProgress: (it) => void told.push(it) });
      for (const name of groups) {
        const entry = snapshot.groups.entry(name);
        assert.deepEqual([...(entry?.members.values() ?? [])].sort(), [
          "bot:b",
          `user:${name}@x.com`,
        ]);
      }
      assert.deepEqual(new Set(snapshot.groups.entry("crowd")?.members.values()), new Set(crowd));
      assert.deepEqual(told.at(-1), { groups: 701, memberships: 4_400 });
      assert.ok(told.length > 2, "it is told only at the end");
    });
  });
});
