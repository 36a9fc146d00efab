import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { query, withUrl } from "../deploy/support.ts";
import { findPostgres } from "../support/postgres-binaries.ts";
import { startPostgres, type PostgresServer } from "../support/postgres-server.ts";
import { atEnd, makeFolder } from "./support/cleanup.ts";
import { textFile } from "./support/clients.ts";
import { eventually } from "./support/eventually.ts";
import { failure } from "./support/failures.ts";
import { fleetgate } from "./support/processes.ts";
import {
  fleetOf,
  prepareDatabase,
  questionOf,
  serveProcess,
  type Serving,
} from "./support/serving.ts";

const { folder: programs } = findPostgres(makeFolder());
const hasTools = ["pg_dump", "pg_restore"].every((name) => existsSync(join(programs, name)));

const foreign = "fleetgate_history_foreign";

describe("a restored database", { skip: hasTools ? false : "this Postgres has no pg_dump" }, () => {
  let postgres: PostgresServer;
  let url: string;
  let token: string;
  /** With a snapshot file, and without one. */
  let servers: [Serving, Serving];
  const dump = join(makeFolder(), "fleetgate.dump");
  const file = join(makeFolder(), "snapshot");

  const run = (program: string, ...args: readonly string[]): void => {
    const { status, stderr } = spawnSync(join(programs, program), args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  };
  const save = (): void => run("pg_dump", "--format", "custom", "--file", dump, url);
  /** Puts what was saved in the place of the database, under the servers. */
  const restore = async (): Promise<void> => {
    await query(postgres.url, "drop database fleetgate with (force)", "create database fleetgate");
    run(
      "pg_restore",
      "--exit-on-error",
      "--single-transaction",
      "--no-owner",
      "--dbname",
      url,
      dump,
    );
  };
  const serveWithFile = () => serveProcess(url, token, "--snapshot-file", file);
  const apply = async (server: Serving, ...pools: readonly string[]) =>
    (await server.clients.config.apply({ files: [textFile(fleetOf(...pools))] })).revisionToken;
  const check = (server: Serving, pool: string) =>
    server.clients.acl.checkPoolPerm(questionOf(pool));
  const checkAt = (server: Serving, value: string) =>
    server.clients.acl.checkPoolPerm({
      ...questionOf("kept"),
      consistency: { requirement: { case: "atLeastAsFresh", value } },
    });

  /** Checks go on as they were, changes are refused, and everybody can see why. */
  async function assertRefused(server: Serving, pool: string): Promise<void> {
    await eventually("it is refused", async () => (await server.metric(foreign)) === 1);
    await check(server, pool);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    const refused = "FailedPrecondition HISTORY_NOT_ACCEPTED";
    assert.equal((await failure(apply(server, "kept", "new"))).what, refused);
    const files = [textFile(fleetOf("new"))];
    const validated = server.clients.config.apply({ files, validateOnly: true });
    assert.equal((await failure(validated)).what, refused);
    const key = server.clients.keys.create({ identity: "service:ci" });
    assert.equal((await failure(key)).what, refused);
    await check(server, pool);
    assert.match(server.running.output(), /"level":"error".*was restored, forked or replaced/);
  }

  async function accept(...flags: readonly string[]): Promise<string> {
    const args = ["accept-restore", "--reason", "the disk is lost", ...flags];
    const { code, stdout, stderr } = await fleetgate(args, { DATABASE_URL: url });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async function assertFollows(server: Serving, gone: string): Promise<void> {
    await eventually("it follows", async () => (await server.metric(foreign)) === 0);
    const denied = await failure(check(server, gone));
    assert.equal(denied.what, "PermissionDenied PERMISSION_DENIED");
    await check(server, "kept");
    assert.match(server.running.output(), /accepted the history of the database/);
  }

  before(async () => {
    postgres = await startPostgres({ durable: true });
    atEnd(postgres.remove);
    await query(postgres.url, "create database fleetgate");
    url = withUrl(postgres.url, { database: "fleetgate" });
    token = await prepareDatabase(url);
    servers = [await serveWithFile(), await serveProcess(url, token)];
  });

  it("that is older is refused, until an operator accepts it", async () => {
    await apply(servers[0], "kept");
    save();
    const lost = await apply(servers[0], "kept", "lost");
    for (const server of servers) await checkAt(server, lost);
    await restore();
    for (const server of servers) await assertRefused(server, "lost");

    // It remembers where it was.
    await servers[0].stop();
    servers[0] = await serveWithFile();
    await assertRefused(servers[0], "lost");

    const shown = await accept("--dry-run");
    assert.match(
      shown,
      /^it was at revision 2, .*\nits newest change: .* by user:root@example.com/m,
    );
    assert.match(shown, /nothing was written/);
    for (const server of servers) await assertRefused(server, "lost");

    assert.match(await accept(), /^accepted at revision 3$/m);
    for (const server of servers) {
      await eventually("it accepted", async () => (await server.metric(foreign)) === 0);
      await assertFollows(server, "lost");
      const old = await failure(checkAt(server, lost));
      assert.equal(old.what, "FailedPrecondition REVISION_TOKEN_FOREIGN");
    }
    const after = await apply(servers[1], "kept", "after");
    for (const server of servers) await checkAt(server, after);
  });

  it("that was forked and has gone further is refused just so", async () => {
    save();
    const lost = await apply(servers[0], "kept", "other");
    for (const server of servers) await checkAt(server, lost);
    await restore();
    // On the fork, by somebody who knows of no other history.
    for (let count = 0; count < 3; count += 1) {
      const flags = [
        "--bootstrap",
        "--break-glass",
        "--reason",
        "fork",
        "--identity",
        "user:eve@x.y",
      ];
      const { code, stderr } = await fleetgate(["key", "create", ...flags], { DATABASE_URL: url });
      assert.equal(code, 0, stderr);
    }
    for (const server of servers) await assertRefused(server, "other");
    const { accepted, before: stood } = JSON.parse(await accept("--json")) as {
      readonly accepted: { readonly revision: string; readonly revisionToken: string };
      readonly before: { readonly newestChange: { readonly reason: string } };
    };
    assert.equal(stood.newestChange.reason, "fork");
    for (const server of servers) {
      await assertFollows(server, "other");
      await checkAt(server, accepted.revisionToken);
      const old = await failure(checkAt(server, lost));
      assert.equal(old.what, "FailedPrecondition REVISION_TOKEN_FOREIGN");
    }
  });

  it("may be accepted though nobody refuses it", async () => {
    const accepted = JSON.parse(await accept("--json")) as {
      readonly accepted: { readonly revisionToken: string };
    };
    for (const server of servers) await checkAt(server, accepted.accepted.revisionToken);
    for (const server of servers) await server.stop();
  });
});
