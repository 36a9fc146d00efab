import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import { Client } from "pg";
import {
  openStorage,
  type DatabaseChoice,
  type Storage,
  type StorageOptions,
} from "../../src/storage/database.ts";

/** A database of a test's own, which it throws away. */
export interface TestDatabase {
  readonly choice: DatabaseChoice;
  readonly remove: () => Promise<void>;
}

/** Opens a fresh migrated database, which is closed and removed after the suite that opened it. */
export type OpenTestStorage = (options?: StorageOptions) => Promise<Storage>;

type StorageSuite = (name: string, open: OpenTestStorage) => void;

/**
 * Runs a suite on Postgres alone, for rules that hold above the storage: each area of them has one suite that
 * runs on each backend, and an embedded database takes a processor many times as long.
 */
export function onPostgres(suite: StorageSuite): void {
  describe("on Postgres", () => suite("Postgres", useDatabase()));
}

/** Runs a suite on each kind of database; what only one of them can do belongs into a suite of its own. */
export function forEachBackend(suite: StorageSuite): void {
  onPostgres(suite);
  describe("on the embedded database", () => suite("the embedded database", useEmbeddedDatabase()));
}

/** For a suite that wants fresh databases on the Postgres server of the tests. */
export function useDatabase(): OpenTestStorage {
  return useStorage(createPostgresDatabase);
}

/** For a suite that wants fresh embedded databases: each takes about half a second. */
export function useEmbeddedDatabase(): OpenTestStorage {
  return useStorage(createEmbeddedDatabase);
}

function useStorage(create: () => Promise<TestDatabase>): OpenTestStorage {
  const undo: (() => Promise<void>)[] = [];
  after(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  return async (options) => {
    const database = await create();
    undo.push(database.remove);
    const storage = await openStorage(database.choice, options);
    undo.push(storage.close);
    return storage;
  };
}

/** A fresh database on the server of the tests: migrated, or empty. The caller removes it. */
export async function createPostgresDatabase(
  options: { readonly empty?: boolean } = {},
): Promise<TestDatabase & { readonly choice: { readonly kind: "postgres" } }> {
  const name = `fleetgate_test_${randomBytes(6).toString("hex")}`;
  const template = options.empty === true ? "template0" : required("FLEETGATE_TEST_TEMPLATE");
  await runOnServer(`create database ${name} template ${template}`);
  const url = new URL(testServerUrl());
  url.pathname = `/${name}`;
  return {
    choice: { kind: "postgres", url: url.href },
    remove: () => runOnServer(`drop database if exists ${name} with (force)`),
  };
}

/** A directory with a fresh migrated embedded database. The caller removes it. */
export async function createEmbeddedDatabase(): Promise<
  TestDatabase & { readonly choice: { readonly kind: "embedded" } }
> {
  const directory = mkdtempSync(join(tmpdir(), "fleetgate-test-"));
  cpSync(required("FLEETGATE_TEST_EMBEDDED_TEMPLATE"), directory, { recursive: true });
  return {
    choice: { kind: "embedded", directory },
    remove: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The URL of the test server's own database. */
export function testServerUrl(): string {
  return required("FLEETGATE_TEST_SERVER_URL");
}

/** Runs SQL on the server's own database. */
export async function runOnServer(text: string): Promise<void> {
  const client = new Client({ connectionString: testServerUrl() });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(
      `${name} is not set: run with --test-global-setup=./test/support/global-setup.ts`,
    );
  }
  return value;
}
