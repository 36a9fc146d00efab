import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, test } from "node:test";
import { openStorage, type Storage } from "../../src/storage/database.ts";
import { checkSchema, migrate } from "../../src/storage/migrate.ts";
import { readMigrations, type Migration } from "../../src/storage/migrations.ts";
import { SchemaError } from "../../src/storage/schema-status.ts";
import { createPostgresDatabase, forEachBackend } from "../support/database.ts";

function migration(version: number, sql: string, breaking = false): Migration {
  const name = `${String(version).padStart(4, "0")}_made_up.sql`;
  const checksum = createHash("sha256").update(sql).digest("hex");
  return { version, name, sql, checksum, breaking };
}

const first = migration(1, "create table one (id integer); create table two (id integer);");
const second = migration(2, "create table three (id integer);");
const broken = migration(2, "create table three (id integer); select 1 / 0;");
const breaking = migration(2, "create table three (id integer);", true);

async function empty(storage: Storage): Promise<void> {
  await storage.exec("drop schema public cascade; create schema public");
}

async function tableNames(storage: Storage): Promise<readonly string[]> {
  return (await storage.db.introspection.getTables()).map(({ name }) => name).sort();
}

describe("migrate", () => {
  forEachBackend((_name, open) => {
    let storage: Storage;
    before(async () => {
      storage = await open();
    });

    test("brings an empty database up to date, and does nothing the second time", async () => {
      await empty(storage);
      const names = (await readMigrations()).map(({ name }) => name);
      const progress: string[] = [];
      const result = await migrate(storage, { onProgress: (name) => void progress.push(name) });
      assert.deepEqual(result, { applied: names, ahead: [] });
      assert.deepEqual(progress, names);
      assert.deepEqual(await migrate(storage), { applied: [], ahead: [] });
      assert.deepEqual(await checkSchema(storage), { ahead: [] });
    });

    test("goes on from where an earlier release stopped", async () => {
      await empty(storage);
      assert.deepEqual((await migrate(storage, { migrations: [first] })).applied, [first.name]);
      const result = await migrate(storage, { migrations: [first, second] });
      assert.deepEqual(result.applied, [second.name]);
      assert.deepEqual(await tableNames(storage), ["one", "schema_migration", "three", "two"]);
    });

    test("keeps nothing of a migration that fails, and all of those before it", async () => {
      await empty(storage);
      await assert.rejects(migrate(storage, { migrations: [first, broken] }), {
        reason: "INTERNAL_FAULT",
      });
      assert.deepEqual(await tableNames(storage), ["one", "schema_migration", "two"]);
      const result = await migrate(storage, { migrations: [first, second] });
      assert.deepEqual(result.applied, [second.name]);
    });

    test("refuses a migration that is not what was applied", async () => {
      await empty(storage);
      await migrate(storage, { migrations: [first] });
      const edited = { ...first, checksum: "0".repeat(64) };
      await assert.rejects(migrate(storage, { migrations: [edited] }), SchemaError);
      await assert.rejects(checkSchema(storage, [edited]), SchemaError);
    });

    test("refuses a migration below one that was applied", async () => {
      await empty(storage);
      await migrate(storage, { migrations: [second] });
      await assert.rejects(migrate(storage, { migrations: [first, second] }), SchemaError);
    });

    test("only tells of migrations of a later release, unless one is breaking", async () => {
      await empty(storage);
      await migrate(storage, { migrations: [first, second] });
      assert.deepEqual(await migrate(storage, { migrations: [first] }), {
        applied: [],
        ahead: [second.name],
      });
      assert.deepEqual(await checkSchema(storage, [first]), { ahead: [second.name] });
      await empty(storage);
      await migrate(storage, { migrations: [first, breaking] });
      await assert.rejects(migrate(storage, { migrations: [first] }), SchemaError);
      await assert.rejects(checkSchema(storage, [first]), /upgrade Fleetgate/);
    });

    test("is asked for by checkSchema when the database is behind", async () => {
      await empty(storage);
      await assert.rejects(
        checkSchema(storage, [first]),
        /lacks 0001_made_up\.sql; run: fleetgate migrate/,
      );
    });
  });

  // Not on the embedded database: it has one process and one connection.
  describe("on Postgres, by many at once", () => {
    test("is done once by 20 migrators", async () => {
      const { choice, remove } = await createPostgresDatabase({ empty: true });
      const storages = await Promise.all(
        Array.from({ length: 20 }, () => openStorage(choice, { poolSize: 1 })),
      );
      try {
        const results = await Promise.all(storages.map((storage) => migrate(storage)));
        const names = (await readMigrations()).map(({ name }) => name);
        assert.deepEqual(results.flatMap(({ applied }) => applied).sort(), names);
      } finally {
        await Promise.all(storages.map((storage) => storage.close()));
        await remove();
      }
    });
  });
});

describe("readMigrations", () => {
  test("takes a line of its own for the mark of a breaking migration", async () => {
    const [foundation] = await readMigrations();
    assert.equal(foundation?.breaking, false);
    assert.equal(foundation.version, 1);
    assert.match(foundation.checksum, /^[0-9a-f]{64}$/);
  });
});
