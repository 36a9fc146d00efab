import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import type { Database } from "../../src/storage/schema.ts";
import { forEachBackend, useDatabase } from "../support/database.ts";
import { readCatalogue } from "./catalogue.ts";
import { credentialTables } from "./credential/tables.ts";
import type { DescribedTables } from "./described-tables.ts";

// Listing every table and column is forced by the type; that the list is true is what the test says.
const expected: DescribedTables<Database> = {
  ...credentialTables,
  accepted_restore: {
    id: "uuid not null",
    at: "timestamptz not null",
    author: "text not null",
    reason: "text not null",
  },
  api_key: {
    id: "text not null",
    identity: "text not null",
    description: "text not null",
    secret_hash: "bytea not null",
    created_at: "timestamptz not null",
    created_by: "text not null",
    expires_at: "timestamptz null",
    revoked_at: "timestamptz null",
  },
  api_key_use: { id: "text not null", last_used_at: "timestamptz not null" },
  binding: {
    project: "text not null",
    realm: "text not null",
    role: "text not null",
    condition_hash: "bytea not null",
    conditions: "jsonb not null",
    principals: "_text not null",
  },
  bot_group: {
    name: "text not null",
    bot_ids: "_text not null",
    bot_id_prefixes: "_text not null",
    pools: "_text not null",
    managed_by: "text not null",
  },
  change: {
    revision: "int8 not null",
    at: "timestamptz not null",
    author: "text not null",
    reason: "text not null",
    source: "text null",
    request_id: "text null",
    request_hash: "text null",
    prev_hash: "bytea not null",
    hash: "bytea not null",
    salt: "bytea null",
    who_hash: "bytea null",
    items_hash: "bytea null",
    item_count: "int4 null",
    items_pruned: "bool not null",
    erased: "bool not null",
  },
  request: {
    author: "text not null",
    request_id: "text not null",
    request_hash: "text not null",
    revision: "int8 not null",
    changed: "bool not null",
  },
  change_item: {
    revision: "int8 not null",
    seq: "int4 not null",
    kind: "text not null",
    key: "text not null",
    op: "text not null",
    before: "jsonb null",
    after: "jsonb null",
    salt: "bytea null",
    hash: "bytea null",
    erased: "bool not null",
  },
  change_summary: {
    revision: "int8 not null",
    kind: "text not null",
    group_name: "text not null",
    created: "int4 not null",
    updated: "int4 not null",
    deleted: "int4 not null",
    first_seq: "int4 not null",
    last_seq: "int4 not null",
  },
  custom_role: {
    project: "text not null",
    name: "text not null",
    permissions: "_text not null",
    includes: "_text not null",
    unresolved: "bool not null",
  },
  database: {
    singleton: "bool not null",
    database_id: "uuid not null",
    revision: "int8 not null",
    chain_hash: "bytea not null",
    token_key: "bytea not null",
    updated_at: "timestamptz not null",
  },
  delegation: {
    content_hash: "bytea not null",
    settings: "bool not null",
    group_name: "text not null",
    caller_globs: "_text not null",
    permissions: "_text not null",
    realms: "_text not null",
  },
  group: {
    name: "text not null",
    description: "text not null",
    owners: "text not null",
    managed_by: "text null",
    revision: "int8 not null",
  },
  group_glob: { group_name: "text not null", glob: "text not null" },
  group_member: {
    group_name: "text not null",
    identity: "text not null",
    member: "text not null",
  },
  group_nested: { group_name: "text not null", nested: "text not null" },
  group_take_over: {
    group_name: "text not null",
    source: "text not null",
    author: "text not null",
    reason: "text not null",
    expires_at: "timestamptz not null",
  },
  permission: {
    name: "text not null",
    attributes: "_text not null",
    managed_by: "text not null",
  },
  pool: {
    name: "text not null",
    realm: "text not null",
    default_task_realm: "text not null",
    managed_by: "text not null",
  },
  project: { name: "text not null", managed_by: "text not null" },
  realm: { project: "text not null", name: "text not null", extends: "_text not null" },
  role: {
    name: "text not null",
    permissions: "_text not null",
    includes: "_text not null",
    unresolved: "bool not null",
    managed_by: "text not null",
  },
  schema_migration: {
    version: "int4 not null",
    name: "text not null",
    checksum: "text not null",
    breaking: "bool not null",
    applied_at: "timestamptz not null",
  },
  settings: {
    singleton: "bool not null",
    admins_group: "text not null",
    bot_bootstrap_group: "text not null",
    privileged_users_group: "text not null",
    users_group: "text not null",
    view_all_bots_group: "text not null",
    view_all_tasks_group: "text not null",
    readers_group: "text not null",
    managed_by: "text not null",
    reason_required: "bool not null",
  },
  source: { name: "text not null", revision: "int8 not null" },
};

describe("the migrated schema", () => {
  forEachBackend((_name, open) => {
    test("is what the types of schema.ts say", async () => {
      const tables = await (await open()).db.introspection.getTables();
      const actual = Object.fromEntries(
        tables.map(({ name, columns }) => [
          name,
          Object.fromEntries(
            columns.map((column) => [
              column.name,
              `${column.dataType} ${column.isNullable ? "null" : "not null"}`,
            ]),
          ),
        ]),
      );
      assert.deepEqual(actual, expected);
    });
  });

  describe("on Postgres", () => {
    const open = useDatabase();

    test("is what db/schema.sql makes", async () => {
      const storage = await open();
      const migrated = await storage.session(readCatalogue);
      await storage.exec("drop schema public cascade; create schema public");
      const text = await readFile(new URL("../../db/schema.sql", import.meta.url), "utf8");
      await storage.exec(text);
      assert.deepEqual(await storage.session(readCatalogue), migrated);
    });

    test("compares all text bytewise", async () => {
      const rows = await (
        await open()
      ).session((run) =>
        run(`
          select c.relname || '.' || a.attname as column
          from pg_class c
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
          join pg_collation l on l.oid = a.attcollation
          where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and l.collname <> 'C'`),
      );
      assert.deepEqual(rows, []);
    });

    test("says in a comment what each table is for", async () => {
      const rows = await (
        await open()
      ).session((run) =>
        run(`
          select relname from pg_class c
          where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            and obj_description(c.oid, 'pg_class') is null`),
      );
      assert.deepEqual(rows, []);
    });

    test("makes another identity and another key for each database", async () => {
      const storage = await open();
      await storage.exec("drop schema public cascade; create schema public");
      const sql = await readFile(
        new URL("../../db/migrations/0001_foundation.sql", import.meta.url),
        "utf8",
      );
      const seen = new Set<string>();
      for (const round of [1, 2]) {
        await storage.exec(`create schema round${round}; set search_path = round${round}; ${sql}`);
        const rows = await storage.session((run) =>
          run(
            `select database_id::text as id, encode(token_key, 'hex') as key from round${round}.database`,
          ),
        );
        for (const { id, key } of rows) seen.add(String(id)).add(String(key));
      }
      assert.equal(seen.size, 4);
    });
  });
});
