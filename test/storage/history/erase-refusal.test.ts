import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { EntityChange } from "../../../src/domain/entity.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { eraseIdentity, type EraseInput } from "../../../src/storage/history/erase-identity.ts";
import { onPostgres } from "../../support/database.ts";
import { groupChanges, testApiKey } from "../examples.ts";
import { apply, binding, everything, input, person, realm } from "./erase-support.ts";
import { group } from "./support.ts";

describe("eraseIdentity", () => {
  onPostgres((_name, open) => {
    let storage: Storage;
    beforeEach(async () => {
      storage = await open();
    });

    const present: readonly (readonly [string, readonly EntityChange[], RegExp])[] = [
      ["a member", groupChanges("g", ["user:ZOE.q@example.com"]), /a member of the group g/],
      ["a principal", [...realm, binding(undefined, [person])], /a principal of the realm p:r/],
      [
        "the holder of a key",
        [
          {
            kind: "api_key",
            key: "k",
            before: undefined,
            after: { ...testApiKey("k"), identity: person, expiresAt: null },
          },
        ],
        /the holder of the API key k/,
      ],
      [
        "named in a description",
        [group("g", undefined, "of zoe.q@example.com")],
        /the description of the group g/,
      ],
      [
        "a glob",
        [
          group("g", undefined, ""),
          {
            kind: "group_glob",
            key: `g ${person}`,
            before: undefined,
            after: { group: "g", glob: person },
          },
        ],
        /a glob of the group g/,
      ],
      // Earlier states are found by undoing the log: what it calls otherwise than the present does cannot be undone.
      [
        "the name of a group",
        [group("zoe.q@example.com", undefined, "")],
        /the name of the group zoe\.q@example\.com/,
      ],
      [
        "the name of a pool",
        [
          {
            kind: "pool",
            key: "zoe.q@example.com",
            before: undefined,
            after: { name: "zoe.q@example.com", realm: "p:r", defaultTaskRealm: "" },
          },
        ],
        /named in the pool zoe\.q@example\.com/,
      ],
      [
        "a bot by its id",
        [
          {
            kind: "bot_group",
            key: "b",
            before: undefined,
            after: { name: "b", botIds: ["zoe.q@example.com"], botIdPrefixes: [], pools: [] },
          },
        ],
        /named in the bot group b/,
      ],
    ];
    for (const [title, changes, message] of present) {
      test(`refuses while the person is ${title}`, async () => {
        await apply(storage, changes);
        for (const dryRun of [true, false]) {
          await assert.rejects(eraseIdentity(storage, { ...input, dryRun }), (error: Error) => {
            assert.equal((error as { reason?: string }).reason, "IN_USE");
            assert.match(error.message, message);
            return true;
          });
        }
        assert.match(await everything(storage), /zoe\.q/i);
      });
    }

    test("refuses while a realm is called as the identity is", async () => {
      await apply(storage, [
        { kind: "project", key: "bot", before: undefined, after: { name: "bot" } },
        {
          kind: "realm",
          key: "bot:b1",
          before: undefined,
          after: { project: "bot", name: "b1", extends: [] },
        },
      ]);
      await assert.rejects(
        eraseIdentity(storage, { ...input, identity: "bot:b1" }),
        /the name of the realm bot:b1/,
      );
    });

    test("refuses what is no person, and a reason or an author that names it", async () => {
      const bad: readonly (readonly [Partial<EraseInput>, RegExp])[] = [
        [{ identity: "zoe" }, /identity: must be/],
        [{ identity: "anonymous:anonymous" }, /identity: must not be anonymous/],
        [{ reason: "asked by zoe.q@example.com" }, /reason: must not name/],
        [{ author: "user:zoe.q@example.com" }, /author: must not be/],
      ];
      for (const [part, message] of bad) {
        await assert.rejects(eraseIdentity(storage, { ...input, ...part }), message);
      }
    });
  });
});
