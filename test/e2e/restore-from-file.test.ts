import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { query } from "../deploy/support.ts";
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

const age = "fleetgate_snapshot_age_seconds";

describe("a server that is restarted while Postgres is down", () => {
  let postgres: PostgresServer;
  let token: string;
  const file = join(makeFolder(), "snapshot");

  const serve = (...flags: readonly string[]): Promise<Serving> =>
    serveProcess(postgres.url, token, "--snapshot-file", file, ...flags);
  const apply = (server: Serving, ...pools: readonly string[]) =>
    server.clients.config.apply({ files: [textFile(fleetOf(...pools))] });
  const check = (server: Serving, pool: string) =>
    server.clients.acl.checkPoolPerm(questionOf(pool));

  before(async () => {
    postgres = await startPostgres({ durable: true });
    atEnd(postgres.remove);
    token = await prepareDatabase(postgres.url);
    const server = await serve();
    await apply(server, "linux");
    await server.stop();
  });

  it("starts from its file, checks, refuses changes, and catches up by itself", async () => {
    await postgres.stop("SIGKILL");
    const server = await serve();
    await check(server, "linux");
    assert.equal(
      (await failure(check(server, "later"))).what,
      "PermissionDenied PERMISSION_DENIED",
    );
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    assert.equal((await failure(apply(server, "mac"))).what, "Unavailable STORAGE_UNAVAILABLE");
    const consistency = { requirement: { case: "fullyConsistent", value: true } } as const;
    const fresh = server.clients.acl.checkPoolPerm({ ...questionOf("linux"), consistency });
    assert.equal((await failure(fresh)).what, "Internal FRESHNESS_NOT_REACHED");
    const first = (await server.metric(age)) ?? 0;
    assert.ok(first > 0);
    await eventually("the snapshot ages", async () => ((await server.metric(age)) ?? 0) > first);
    assert.match(server.running.output(), /answered from the snapshot file/);

    await postgres.start();
    await eventually("an apply works again", () =>
      apply(server, "linux", "later").then(
        () => true,
        () => false,
      ),
    );
    await check(server, "later");
    await server.stop();
    // What it learned is in the file.
    await postgres.stop("SIGKILL");
    const next = await serve();
    await check(next, "later");
    await postgres.start();
    await next.stop();
  });

  it("looks at the schema before it asks Postgres anything, and goes on when that does not fit", async () => {
    await query(
      postgres.url,
      "insert into schema_migration values (9999, '9999_later', 'x', true)",
    );
    await postgres.stop("SIGKILL");
    const server = await serve();
    await postgres.start();
    await eventually("it says so", () =>
      /the schema of the database does not fit; checks go on from memory/.test(
        server.running.output(),
      ),
    );
    assert.equal((await failure(apply(server, "mac"))).what, "Unavailable STORAGE_UNAVAILABLE");
    await check(server, "linux");
    const first = (await server.metric(age)) ?? 0;
    await eventually("it does not follow", async () => ((await server.metric(age)) ?? 0) > first);
    await query(postgres.url, "delete from schema_migration where version = 9999");
    await eventually("it follows", async () => ((await server.metric(age)) ?? 9) < 0.5);
    await apply(server, "linux", "after");
    await check(server, "after");
    await server.stop();
  });

  it("does not start without a file that it may use", async () => {
    await postgres.stop("SIGKILL");
    const good = readFileSync(file);
    const attempt = async (expected: RegExp, ...flags: readonly string[]) => {
      const args = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", ...flags];
      const { code, stderr } = await fleetgate(args, { DATABASE_URL: postgres.url });
      assert.equal(code, 4, stderr);
      assert.match(stderr, expected);
      assert.match(stderr, /STORAGE_UNAVAILABLE/);
    };
    const withFile = ["--snapshot-file", file];
    await attempt(/the database does not answer/);
    chmodSync(file, 0o640);
    await attempt(/not used: others may read or write it/, ...withFile);
    chmodSync(file, 0o600);
    writeFileSync(file, good.subarray(0, good.length - 1));
    await attempt(/not used: it is damaged/, ...withFile);
    writeFileSync(file, good);
    await attempt(
      /not used: it is too old/,
      ...withFile,
      "--max-staleness",
      "1s",
      "--poll-interval",
      "100ms",
    );
    await postgres.start();
  });
});
