import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { atEnd, makeFolder } from "../e2e/support/cleanup.ts";
import { openClients, textFile } from "../e2e/support/clients.ts";
import { openApp, serveDatabase, type TestServer } from "../e2e/support/server.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { openStorage } from "../../src/storage/database.ts";
import { findPostgres } from "../support/postgres-binaries.ts";
import { startPostgres, type PostgresServer } from "../support/postgres-server.ts";
import { query, withUrl } from "./support.ts";

const { folder: programs } = findPostgres(makeFolder());
const hasTools = ["pg_dump", "pg_restore"].every((name) => existsSync(join(programs, name)));

const pool = (name: string): ReturnType<typeof textFile> =>
  textFile(`pools: [{ name: "${name}", realm: "app:tests" }]`);

describe("a back-up", { skip: hasTools ? false : "this Postgres has no pg_dump" }, () => {
  let server: PostgresServer;
  let running: TestServer;
  const dump = join(makeFolder(), "fleetgate.dump");
  const run = (program: string, ...args: readonly string[]): void => {
    const { status, stderr } = spawnSync(join(programs, program), args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  };

  before(async () => {
    server = await startPostgres();
    await query(server.url, "create database fleetgate", "create database fleetgate_restored");
    const url = withUrl(server.url, { database: "fleetgate" });
    const storage = await openStorage({ kind: "postgres", url });
    await migrate(storage);
    await storage.close();
    running = await serveDatabase(url);
    await running.admin.config.apply({ source: "main", files: [pool("before")] });
    run("pg_dump", "--format", "custom", "--file", dump, url);
    await running.admin.config.apply({ source: "main", files: [pool("after")] });
  });
  after(() => server.remove());

  it("is restored whole: configuration, keys and history", async () => {
    const url = withUrl(server.url, { database: "fleetgate_restored" });
    run("pg_restore", "--exit-on-error", "--no-owner", "--dbname", url, dump);
    const app = await openApp(url);
    const clients = openClients(app.url, running.token);
    atEnd(clients.close);
    const { text } = await clients.config.export({ source: "main" });
    assert.match(text, /before/);
    await clients.config.apply({ source: "main", files: [pool("anew")] });
    const lost = (await running.admin.config.get({ source: "main" })).revisionToken;
    // A token of what was lost is of another history.
    await assert.rejects(
      clients.acl.checkServerPerm({
        permission: "swarming.pools.listBots",
        consistency: { requirement: { case: "atLeastAsFresh", value: lost } },
      }),
      /another history/,
    );
  });
});
