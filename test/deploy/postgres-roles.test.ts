import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DatabaseError } from "pg";
import { makeFolder } from "../e2e/support/cleanup.ts";
import { fleetgate, root, start, type Environment } from "../e2e/support/processes.ts";
import { findPostgres } from "../support/postgres-binaries.ts";
import { startPostgres, type PostgresServer } from "../support/postgres-server.ts";
import { query, withUrl } from "./support.ts";
import { cliFile } from "../support/cli-file.ts";

const script = (name: string): string =>
  readFileSync(join(root, "deploy", "postgres", name), "utf8");

const { folder: programs } = findPostgres(makeFolder());
const hasTools = ["pg_dump", "pg_restore"].every((name) => existsSync(join(programs, name)));
const skip = hasTools ? false : "this Postgres has no pg_dump";

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(join(programs, program), args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

// Roles belong to a whole server, so this suite has one of its own.
describe("the Postgres roles of deploy/postgres", () => {
  let server: PostgresServer;
  const password = randomBytes(12).toString("hex");
  const urlOf = (user: string): string =>
    withUrl(server.url, { database: "fleet", user, password });
  const as = (role: string): Environment => ({ DATABASE_URL: urlOf(role) });

  before(async () => {
    server = await startPostgres();
    await query(server.url, "create database fleet");
    await query(
      withUrl(server.url, { database: "fleet" }),
      script("roles.sql"),
      `alter role fleetgate_migrator password '${password}'`,
      `alter role fleetgate_runtime password '${password}'`,
    );
  });
  after(() => server.remove());

  it("let the migrator migrate, and not the runtime", async () => {
    const refused = await fleetgate(["migrate"], as("fleetgate_runtime"));
    assert.equal(refused.code, 4, refused.stdout);
    const migrated = await fleetgate(["migrate"], as("fleetgate_migrator"));
    assert.equal(migrated.code, 0, migrated.stderr);
    await query(urlOf("fleetgate_migrator"), script("protect-log.sql"), script("protect-log.sql"));
  });

  it("let the runtime do all that a server does", async () => {
    const runtime = as("fleetgate_runtime");
    const header = join(makeFolder(), "admin.header");
    const identity = ["--identity", "user:admin@example.com", "--out", header];
    const made = await fleetgate(["key", "create", "--bootstrap", ...identity], runtime);
    assert.equal(made.code, 0, made.stderr);
    const ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "off"];
    const running = start(process.execPath, [cliFile, "serve", ...ports], runtime);
    const endpoint = (await running.says(/listens on (http\S+)/))[1] ?? "";
    const client = { FLEETGATE_ENDPOINT: endpoint, FLEETGATE_HEADER_FILE: header };
    const config = join(root, "examples", "config");
    const steps = [
      ["config", "apply", config],
      ["key", "create", "--identity", "service:scheduler", "--out", join(makeFolder(), "key")],
      ["check", "server", "--permission", "swarming.pools.listBots", "--fully-consistent"],
      ["key", "list"],
    ];
    for (const step of steps) {
      const { code, stderr } = await fleetgate(step, client);
      assert.equal(code, 0, `${step.join(" ")}: ${stderr}`);
    }
    // Everything is deleted again, so that each table has seen every kind of write.
    const empty = await fleetgate(
      ["config", "apply", join(root, "test/deploy/empty.yaml")],
      client,
    );
    assert.equal(empty.code, 0, empty.stderr);
    running.signal("SIGTERM");
    assert.equal((await running.end()).code, 0);
  });

  it("stand before a restore, and the back-up brings their rights along", { skip }, async () => {
    await query(server.url, "create database restored");
    const url = withUrl(server.url, { database: "restored" });
    await query(url, script("roles.sql"), script("roles.sql"));
    const dump = join(makeFolder(), "fleet.dump");
    run(
      "pg_dump",
      "--format",
      "custom",
      "--file",
      dump,
      withUrl(server.url, { database: "fleet" }),
    );
    run("pg_restore", "--exit-on-error", "--dbname", url, dump);
    const { rows } = await query(
      url,
      `select has_database_privilege('public', 'restored', 'connect') as anybody,
         has_table_privilege('fleetgate_runtime', 'change', 'insert') as appends,
         has_table_privilege('fleetgate_runtime', 'change', 'delete') as deletes,
         has_schema_privilege('fleetgate_runtime', 'public', 'create') as makes`,
    );
    assert.deepEqual(rows, [{ anybody: false, appends: true, deletes: false, makes: false }]);
  });

  const forbidden = [
    "update change set reason = 'nothing happened'",
    "delete from change",
    "delete from change_item",
    "update change_item set after = '{}'",
    "truncate change",
    "update accepted_restore set reason = 'it was meant'",
    "delete from accepted_restore",
    "delete from change_summary",
    "delete from database",
    "delete from schema_migration",
    "drop table change",
    "alter table change disable trigger all",
    "create table mine (x int)",
  ];
  for (const text of forbidden) {
    it(`keep the runtime from: ${text}`, async () => {
      await assert.rejects(query(urlOf("fleetgate_runtime"), text), (error) => {
        assert.ok(error instanceof DatabaseError, String(error));
        assert.equal(error.code, "42501");
        return true;
      });
    });
  }
});
