import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Storage } from "../../../src/storage/database.ts";
import { listChanges, type ChangeFilter } from "../../../src/storage/history/list-changes.ts";
import { readChange, readChangeItems } from "../../../src/storage/history/read-change.ts";
import { writeChange } from "../../../src/storage/write-change.ts";
import { forEachBackend } from "../../support/database.ts";
import { groupChanges, testApiKey } from "../examples.ts";
import { group, member, write, writeAsPreviousRelease } from "./support.ts";

describe("the log of changes", () => {
  forEachBackend((_name, open) => {
    let storage: Storage;
    const list = async (filter: ChangeFilter, limit = 100): Promise<readonly number[]> =>
      (await listChanges(storage.db, filter, limit)).map(({ revision }) => Number(revision));

    before(async () => {
      storage = await open();
      await write(storage, [
        ...groupChanges("g", ["user:a@example.com"]),
        ...groupChanges("g-2", ["user:a@example.com", "user:b@example.com"]),
      ]);
      await write(storage, [member("g", "user:a@example.com", "delete")], {
        author: "user:Bob@Example.com",
      });
      await writeAsPreviousRelease(storage, {
        author: "user:bob@example.com",
        items: [
          group("g-2", "", "old"),
          {
            kind: "group_glob",
            key: "g bot:*",
            before: undefined,
            after: { group: "g", glob: "bot:*" },
          },
        ],
      });
      const key = testApiKey("k1");
      await write(storage, [{ kind: "api_key", key: "k1", before: undefined, after: key }], {
        author: "service:X",
      });
      await writeChange(
        storage,
        { author: "service:X", reason: "r", requestId: "", requestHash: "" },
        () =>
          Promise.resolve({
            source: "main",
            changes: [
              {
                kind: "pool",
                key: "p",
                before: undefined,
                after: { name: "p", realm: "a:b", defaultTaskRealm: "" },
              },
              ...groupChanges("m", ["user:A@example.com"]),
            ],
          }),
      );
      for (const [index, date] of ["01", "02", "02", "03", "04"].entries()) {
        await storage.exec(
          `update change set at = '2020-01-${date}Z' where revision = ${index + 1}`,
        );
      }
    });

    const cases: readonly (readonly [string, ChangeFilter, readonly number[]])[] = [
      ["everything, the newest first", {}, [5, 4, 3, 2, 1]],
      ["an author, compared folded", { author: "user:BOB@example.com" }, [3, 2]],
      ["another kind of author, compared exactly", { author: "service:x" }, []],
      ["a source", { source: "main" }, [5]],
      ["a group, not those whose names begin alike", { group: "g" }, [3, 2, 1]],
      ["another group", { group: "g-2" }, [3, 1]],
      ["no group at all", { group: "" }, []],
      ["a kind", { kind: "group_member" }, [5, 2, 1]],
      ["a kind within a group", { group: "g", kind: "group_glob" }, [3]],
      ["a kind that only others of the change have", { group: "m", kind: "pool" }, []],
      ["an entity", { kind: "group_member", key: "g-2 user:a@example.com" }, [1]],
      [
        "an entity of a group",
        { group: "g", kind: "group_member", key: "g user:a@example.com" },
        [2, 1],
      ],
      [
        "an entity of another group",
        { group: "m", kind: "group_member", key: "g user:a@example.com" },
        [],
      ],
      ["an entity of no group, by a group", { group: "p", kind: "pool", key: "p" }, []],
      ["times: the first included", { since: new Date("2020-01-02Z") }, [5, 4, 3, 2]],
      ["times: the last not", { until: new Date("2020-01-02Z") }, [1]],
      [
        "both",
        { since: new Date("2020-01-02Z"), until: new Date("2020-01-04Z"), kind: "api_key" },
        [4],
      ],
      ["times that nothing has", { since: new Date("2021-01-01Z") }, []],
      ["times that everything has", { until: new Date("2021-01-01Z") }, [5, 4, 3, 2, 1]],
      ["below a revision", { before: 3n }, [2, 1]],
      ["everything together", { author: "user:bob@example.com", group: "g", before: 3n }, [2]],
    ];
    for (const [title, filter, expected] of cases) {
      test(`lists by ${title}`, async () => {
        assert.deepEqual(await list(filter), expected);
        // The same in pages of one.
        const paged: number[] = [];
        for (let below: bigint | undefined = filter.before; ;) {
          const [next] = await listChanges(storage.db, { ...filter, before: below }, 1);
          if (next === undefined) break;
          paged.push(Number(next.revision));
          below = next.revision;
        }
        assert.deepEqual(paged, expected);
      });
    }

    test("refuses a key without a kind", async () => {
      await assert.rejects(listChanges(storage.db, { key: "x" }, 1), /key: wants a kind/);
    });

    test("counts what each change did, and of a group only that", async () => {
      const [, , , , first] = await listChanges(storage.db, {}, 100);
      const count = { updated: 0, deleted: 0 };
      assert.deepEqual(first?.summary, [
        { kind: "group", created: 2, ...count },
        { kind: "group_member", created: 3, ...count },
      ]);
      const [old] = await listChanges(storage.db, { group: "g" }, 1);
      assert.deepEqual(old?.summary, [{ kind: "group_glob", created: 1, ...count }]);
      assert.deepEqual((await readChange(storage.db, 3n))?.summary, [
        { kind: "group", created: 0, updated: 1, deleted: 0 },
        { kind: "group_glob", created: 1, ...count },
      ]);
      assert.deepEqual(await readChange(storage.db, 3n, { group: "g" }), old);
    });

    test("tells who changed something, when and why", async () => {
      const { summary: _, ...change } = (await readChange(storage.db, 5n))!;
      assert.deepEqual(change, {
        revision: 5n,
        at: new Date("2020-01-04Z"),
        author: "service:X",
        reason: "r",
        source: "main",
        itemsPruned: false,
        erased: false,
      });
      assert.equal(await readChange(storage.db, 6n), undefined);
    });

    test("gives items in their order, in pages, of one group too", async () => {
      const all = await readChangeItems(storage.db, 1n, { afterSeq: 0, limit: 100 });
      assert.deepEqual(
        all.map(({ seq, op, key }) => [seq, op, key]),
        [
          [1, "create", "g"],
          [2, "create", "g user:a@example.com"],
          [3, "create", "g-2"],
          [4, "create", "g-2 user:a@example.com"],
          [5, "create", "g-2 user:b@example.com"],
        ],
      );
      assert.deepEqual(all[1], {
        seq: 2,
        kind: "group_member",
        key: "g user:a@example.com",
        op: "create",
        before: undefined,
        after: { group: "g", member: "user:a@example.com" },
        erased: false,
      });
      const seqs = async (name: string, afterSeq: number, limit: number): Promise<unknown> =>
        (await readChangeItems(storage.db, 1n, { group: name, afterSeq, limit })).map(
          ({ seq }) => seq,
        );
      assert.deepEqual(await seqs("g", 0, 100), [1, 2]);
      assert.deepEqual(await seqs("g-2", 0, 2), [3, 4]);
      assert.deepEqual(await seqs("g-2", 4, 2), [5]);
      assert.deepEqual(await seqs("", 0, 2), []);
    });
  });
});
