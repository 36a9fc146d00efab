import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import * as fc from "fast-check";
import type { EntityChange } from "../../../src/domain/entity.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { migrate } from "../../../src/storage/migrate.ts";
import { readMigrations } from "../../../src/storage/migrations.ts";
import { openStorage } from "../../../src/storage/database.ts";
import { createPostgresDatabase, forEachBackend } from "../../support/database.ts";
import { groupChanges } from "../examples.ts";
import { group, member, write, writeAsPreviousRelease } from "./support.ts";

/** What the items of the log say: the last change of each group that there is. */
async function fromItems(storage: Storage): Promise<Readonly<Record<string, bigint>>> {
  const items = await storage.db
    .selectFrom("change_item")
    .selectAll()
    .orderBy("revision")
    .execute();
  const revisions = new Map<string, bigint>();
  for (const { revision, kind, before: old, after } of items) {
    const body = (after ?? old) as unknown as { group?: string; name: string };
    if (kind === "group" || kind.startsWith("group_")) {
      revisions.set(body.group ?? body.name, revision);
    }
  }
  const groups = await storage.db.selectFrom("group").select("name").orderBy("name").execute();
  return Object.fromEntries(groups.map(({ name }) => [name, revisions.get(name) ?? -1n]));
}

async function stored(storage: Storage): Promise<Readonly<Record<string, bigint>>> {
  const rows = await storage.db
    .selectFrom("group")
    .select(["name", "revision"])
    .orderBy("name")
    .execute();
  return Object.fromEntries(rows.map(({ name, revision }) => [name, revision]));
}

type Lists = Readonly<Record<"members" | "globs" | "nested", ReadonlySet<string>>>;
type World = ReadonlyMap<string, Lists & { readonly description: string }>;

const fewOf = (values: readonly string[]): fc.Arbitrary<ReadonlySet<string>> =>
  fc.subarray([...values]).map((some) => new Set(some));

const world: fc.Arbitrary<World> = fc
  .dictionary(
    fc.constantFrom("a", "a-b", "b"),
    fc.record({
      description: fc.constantFrom("", "x"),
      members: fewOf(["bot:1", "bot:2"]),
      globs: fewOf(["bot:*", "user:*@x"]),
      nested: fewOf(["a", "n"]),
    }),
  )
  .map((groups) => new Map(Object.entries(groups)));

/** The changes from one world to the next. */
function changesBetween(old: World, next: World): readonly EntityChange[] {
  const changes: EntityChange[] = [];
  for (const name of new Set([...old.keys(), ...next.keys()])) {
    const [was, is] = [old.get(name), next.get(name)];
    if (was?.description !== is?.description) {
      changes.push(group(name, was?.description, is?.description));
    }
    const each = (
      field: keyof Lists,
      toChange: (value: string, op: "create" | "delete") => EntityChange,
    ): void => {
      for (const value of was?.[field] ?? []) {
        if (is?.[field].has(value) !== true) changes.push(toChange(value, "delete"));
      }
      for (const value of is?.[field] ?? []) {
        if (was?.[field].has(value) !== true) changes.push(toChange(value, "create"));
      }
    };
    each("members", (value, op) => member(name, value, op));
    each("globs", (glob, op) => {
      const body = { group: name, glob };
      return op === "create"
        ? { kind: "group_glob", key: `${name} ${glob}`, before: undefined, after: body }
        : { kind: "group_glob", key: `${name} ${glob}`, before: body, after: undefined };
    });
    each("nested", (nested, op) => {
      const body = { group: name, nested };
      return op === "create"
        ? { kind: "group_nested", key: `${name} ${nested}`, before: undefined, after: body }
        : { kind: "group_nested", key: `${name} ${nested}`, before: body, after: undefined };
    });
  }
  return changes;
}

describe("the revision of a group", () => {
  forEachBackend((name, open) => {
    let storage: Storage;
    before(async () => {
      storage = await open();
    });

    test("is that of the last change of it, its members, globs or nestings", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(world, { minLength: 1, maxLength: 5 }), async (worlds) => {
          let current: World = new Map();
          for (const next of [...worlds, new Map()]) {
            const changes = changesBetween(current, next);
            if (changes.length > 0) await write(storage, changes);
            assert.deepEqual(await stored(storage), await fromItems(storage));
            current = next;
          }
        }),
        { numRuns: name === "Postgres" ? 20 : 5 },
      );
    });

    test("rises also when a member is spelled otherwise", async () => {
      await write(storage, groupChanges("s", ["user:a@example.com"]));
      const body = (text: string): { group: string; member: string } => ({
        group: "s",
        member: text,
      });
      const { revision } = await write(storage, [
        {
          kind: "group_member",
          key: "s user:a@example.com",
          before: body("user:a@example.com"),
          after: body("user:A@example.com"),
        },
      ]);
      assert.equal((await stored(storage))["s"], revision);
    });

    test("is right after writes of the previous release too", async () => {
      await write(storage, groupChanges("p", ["bot:1"]));
      await write(storage, groupChanges("q", []));
      const revision = await writeAsPreviousRelease(storage, {
        items: [member("p", "bot:2", "create"), group("r", undefined, "")],
        statements: [
          "insert into group_member (group_name, identity, member) values ('p', 'bot:2', 'bot:2')",
          `insert into "group" (name, description, owners, managed_by) values ('r', '', 'p', null)`,
        ],
      });
      const now = await stored(storage);
      assert.deepEqual([now["p"], now["q"], now["r"]], [revision, revision - 1n, revision]);
      const next = await writeAsPreviousRelease(storage, {
        items: [member("p", "bot:2", "delete"), group("q", "", "d")],
        statements: [
          "delete from group_member where group_name = 'p' and identity = 'bot:2'",
          `update "group" set description = 'd' where name = 'q'`,
        ],
      });
      const then = await stored(storage);
      assert.deepEqual([then["p"], then["q"], then["r"]], [next, next, revision]);
    });

    test("of groups that nothing touches stays", async () => {
      const old = await stored(storage);
      const { revision } = await write(storage, groupChanges("t", ["bot:1"]));
      assert.deepEqual(await stored(storage), { ...old, t: revision });
    });
  });
});

describe("the migration to live administration", () => {
  test("fills in what the log of the previous release says", async () => {
    const { choice, remove } = await createPostgresDatabase({ empty: true });
    const storage = await openStorage(choice);
    try {
      const [foundation] = await readMigrations();
      assert.ok(foundation);
      await migrate(storage, { migrations: [foundation] });
      await writeAsPreviousRelease(storage, {
        items: groupChanges("g", ["bot:1"]),
        statements: [
          `insert into "group" (name, description, owners) values ('g', '', 'administrators'), ('lost', '', 'g')`,
          "insert into group_member (group_name, identity, member) values ('g', 'bot:1', 'bot:1')",
        ],
      });
      await writeAsPreviousRelease(storage, { items: [group("h", undefined, "")] });
      await migrate(storage);
      assert.deepEqual(await stored(storage), { g: 1n, lost: 2n });
      const summary = await storage.db.selectFrom("change_summary").selectAll().execute();
      const numbers = { created: 1, updated: 0, deleted: 0 };
      assert.deepEqual(summary.sort((left, right) => left.first_seq - right.first_seq).slice(1), [
        { revision: 2n, kind: "group", group_name: "h", ...numbers, first_seq: 1, last_seq: 1 },
        {
          revision: 1n,
          kind: "group_member",
          group_name: "g",
          ...numbers,
          first_seq: 2,
          last_seq: 2,
        },
      ]);
    } finally {
      await storage.close();
      await remove();
    }
  });
});
