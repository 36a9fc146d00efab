import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import type { Database } from "../../src/storage/schema.ts";
import { forEachBackend, useDatabase } from "../support/database.ts";
import { readCatalogue } from "./catalogue.ts";

type Described = `${string} ${"null" | "not null"}`;

// Listing every table and column is forced by the type; that the list is true is what the test says.
const expected: { [T in keyof Database]: { [C in keyof Database[T]]: Described } } = {
  accepted_restore: {
    id: "uuid not null",
    at: "timestamptz not null",
    author: "text not null",
    reason: "text not null",
  },
  subject: {
    uid: "uuid not null",
    kind: "text not null",
    subject_id: "text not null",
    realm: "text not null",
    pool: "text null",
    bot_id: "text null",
    generation: "int4 not null",
    epoch: "int8 not null",
    state: "text not null",
    instance_state: "text null",
    agent_id: "int8 null",
    trust: "text null",
    ref: "text null",
    default_ref: "text null",
    delegated_user: "text null",
    dependencies: "_uuid not null",
    deadline: "timestamptz null",
    report_until: "timestamptz null",
    one_time: "jsonb not null",
    one_time_references: "jsonb not null",
    version: "int8 not null",
    created_at: "timestamptz not null",
    created_by: "text not null",
    ended_at: "timestamptz null",
    deleted_at: "timestamptz null",
    max_managers: "int4 null",
  },
  credential: {
    id: "text not null",
    kind: "text not null",
    subject_uid: "uuid not null",
    generation: "int4 not null",
    epoch: "int8 not null",
    secret_hash: "bytea null",
    lookup_hash: "bytea null",
    lookup_key: "text null",
    hold_id: "uuid null",
    audiences: "_text not null",
    permissions: "_text not null",
    not_before: "timestamptz not null",
    expires_at: "timestamptz not null",
    sessions_until: "timestamptz null",
    max_uses: "int4 null",
    uses: "int4 not null",
    nonce_hash: "bytea null",
    used_at: "timestamptz null",
    revoked_at: "timestamptz null",
    revoke_reason: "text null",
    replaced_by: "text null",
    parent: "text null",
    issued_by: "text not null",
    issued_at: "timestamptz not null",
    version: "int8 not null",
    system_id: "text null",
    rotated_at: "timestamptz null",
  },
  manager: {
    runner_uid: "uuid not null",
    system_id: "text not null",
    credential_id: "text not null",
    enrolled_by: "text not null",
    nonce_hash: "bytea null",
    enrolled_at: "timestamptz not null",
  },
  manager_contact: {
    runner_uid: "uuid not null",
    system_id: "text not null",
    contacted_at: "timestamptz null",
    is_ready: "bool not null",
    source: "text null",
    info: "jsonb not null",
    written_at: "timestamptz null",
  },
  claim: {
    uid: "uuid not null",
    job_id: "text not null",
    realm: "text not null",
    opener: "text not null",
    opener_uid: "uuid null",
    opener_generation: "int4 null",
    state: "text not null",
    credential_id: "text not null",
    secret_hash: "bytea null",
    deadline: "timestamptz not null",
    opened_at: "timestamptz not null",
    ended_at: "timestamptz null",
    terms: "jsonb not null",
    executor: "text not null",
    payload: "text not null",
    nonce_hash: "bytea null",
    claimed_from: "text null",
    task_uid: "uuid null",
    task_credential_id: "text null",
    error: "text null",
    superseded_by: "uuid null",
    version: "int8 not null",
  },
  gate: {
    area: "text not null",
    holder: "text not null",
    reason: "text not null",
    exclusive: "bool not null",
    acquired_at: "timestamptz not null",
    acquired_by: "text not null",
    lease_until: "timestamptz not null",
  },
  credential_use: {
    id: "text not null",
    first_used_at: "timestamptz not null",
    last_used_at: "timestamptz not null",
  },
  hold: {
    task_id: "text not null",
    holder: "text not null",
    hold_id: "uuid not null",
    task_uid: "uuid null",
    lease_until: "timestamptz null",
    released_at: "timestamptz null",
  },
  credential_event: {
    id: "int8 not null",
    xid: "xid8 not null",
    at: "timestamptz not null",
    subject_uid: "uuid not null",
    credential_id: "text null",
    realm: "text not null",
    version: "int8 not null",
    shrinks: "bool not null",
  },
  signing_key: {
    purpose: "text not null",
    id: "text not null",
    state: "text not null",
    created_at: "timestamptz not null",
    activated_at: "timestamptz null",
    passive_until: "timestamptz null",
  },
  signing_key_holder: {
    replica: "uuid not null",
    seen_at: "timestamptz not null",
    keys: "_text not null",
  },
  credential_audit: {
    id: "int8 not null",
    at: "timestamptz not null",
    event: "text not null",
    credential_id: "text null",
    identity: "text null",
    realm: "text null",
    reason: "text null",
    caller: "text null",
    source: "text null",
    request_id: "text null",
    count: "int8 not null",
    detail: "jsonb not null",
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
