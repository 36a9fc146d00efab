import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { openStorage, type DatabaseChoice } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { bundleCli } from "./bundled-cli.ts";
import { startPostgres } from "./postgres-server.ts";
import { makeScratchInMemory } from "./scratch.ts";

// For `node --test --test-global-setup`: finds or starts a Postgres server, and makes a migrated database
// of each kind for the tests to copy. database.ts reads the environment that this leaves.

const undo: (() => Promise<void> | void)[] = [];

/** Runs before all tests. Throws when there is no Postgres: nothing is skipped in silence. */
export async function globalSetup(): Promise<void> {
  useMemory();
  shareCompiledCode();
  try {
    const [server] = await Promise.all([prepareServer(), prepareEmbedded(), prepareCli()]);
    console.log(`test database: PostgreSQL ${server.version} from ${server.origin}`);
  } catch (error) {
    await globalTeardown();
    throw error;
  }
}

/** Runs after all tests. */
export async function globalTeardown(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

/** Set for this process, and so for every test file and all that they start. */
function useMemory(): void {
  const folder = makeScratchInMemory();
  if (folder === undefined) return;
  undo.push(() => {
    delete process.env["TMPDIR"];
    rmSync(folder, { recursive: true, force: true });
  });
  process.env["TMPDIR"] = folder;
}

/** Every test file and every process of the command line compiles the same source: once is enough. */
function shareCompiledCode(): void {
  const directory = mkdtempSync(join(tmpdir(), "fleetgate-compiled-"));
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  process.env["NODE_COMPILE_CACHE"] = directory;
}

async function prepareServer(): Promise<{ readonly version: string; readonly origin: string }> {
  const { url, origin } = await findServer();
  const template = `fleetgate_template_${randomBytes(6).toString("hex")}`;
  await runOn(url, `create database ${template}`);
  undo.push(() => runOn(url, `drop database ${template} with (force)`));
  const templateUrl = new URL(url);
  templateUrl.pathname = `/${template}`;
  const version = await migrateDatabase({ kind: "postgres", url: templateUrl.href });
  process.env["FLEETGATE_TEST_SERVER_URL"] = url;
  process.env["FLEETGATE_TEST_TEMPLATE"] = template;
  return { version, origin };
}

async function findServer(): Promise<{ readonly url: string; readonly origin: string }> {
  const given = process.env["FLEETGATE_TEST_DATABASE_URL"];
  if (given !== undefined && given !== "") {
    return { url: given, origin: "FLEETGATE_TEST_DATABASE_URL" };
  }
  const server = await startPostgres();
  undo.push(() => server.remove());
  return server;
}

async function prepareEmbedded(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "fleetgate-embedded-"));
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  await migrateDatabase({ kind: "embedded", directory });
  process.env["FLEETGATE_TEST_EMBEDDED_TEMPLATE"] = directory;
}

async function prepareCli(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fleetgate-cli-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  process.env["FLEETGATE_TEST_CLI"] = await bundleCli(folder);
}

async function migrateDatabase(choice: DatabaseChoice): Promise<string> {
  const storage = await openStorage(choice);
  try {
    await migrate(storage);
    return storage.serverVersion.split(" ", 1)[0] ?? "";
  } finally {
    await storage.close();
  }
}

async function runOn(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
