import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { before, describe, it } from "node:test";
import { Client } from "pg";
import { migrate } from "../../src/storage/migrate.ts";
import { openStorage } from "../../src/storage/database.ts";
import { HealthCheckResponse_ServingStatus as Status } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { startPostgres, type PostgresServer } from "../support/postgres-server.ts";
import { atEnd } from "./support/cleanup.ts";
import { openClients, textFile, type Clients } from "./support/clients.ts";
import { eventually } from "./support/eventually.ts";
import { failure, told, type Told } from "./support/failures.ts";
import { admin, openApp, serveDatabase, type TestServer } from "./support/server.ts";

const fleet = (...pools: readonly string[]): string => `
projects:
  - name: app
    realms:
      - name: tests
        bindings: [{ role: role/swarming.poolUser, principals: ["${admin}"] }]
pools: [${pools.map((name) => `{ name: "${name}", realm: "app:tests" }`).join(", ")}]
`;

const question = (pool: string) => ({ permission: "swarming.pools.createTask", pool });

// The words of Postgres, of its driver and of node, which no client may read.
const raw = /postgres|pg_|relation|terminat|ECONN|connect|socket|fleetgate_|127\.0\.0\.1|\bsql/i;

function assertUnavailable(failed: Told): void {
  assert.equal(failed.what, "Unavailable STORAGE_UNAVAILABLE");
  assert.ok(failed.retry);
  assert.doesNotMatch(failed.message, raw);
  assert.deepEqual(failed.metadata, {});
}

describe("while Postgres is down", () => {
  let postgres: PostgresServer;
  let server: TestServer;

  before(async () => {
    // Durable: what was committed outlives the crash.
    postgres = await startPostgres({ durable: true });
    atEnd(postgres.remove);
    const storage = await openStorage({ kind: "postgres", url: postgres.url });
    await migrate(storage);
    await storage.close();
    server = await serveDatabase(postgres.url, { poll_interval: "100ms", freshness_wait: "500ms" });
    await server.admin.config.apply({ files: [textFile(fleet("linux"))] });
  });
  /** Checks without a pause until told to stop; every one must be permitted. */
  /** Checks again and again; the function ends that once more than ten checks were permitted. */
  function keepChecking(): () => Promise<void> {
    let count = 0;
    const stop = new AbortController();
    const done = (async () => {
      for (; !stop.signal.aborted || count <= 10; count += 1) {
        await server.admin.acl.checkPoolPerm(question("linux"));
        await setTimeout(1);
      }
    })();
    // It is awaited in the end; until then its failure is no unhandled one.
    done.catch(() => undefined);
    return () => {
      stop.abort();
      return done;
    };
  }

  it("checks go on and the server stays ready", async () => {
    const stopChecking = keepChecking();
    await postgres.stop("SIGKILL");
    const down = await failure(server.admin.config.apply({ files: [textFile(fleet("mac"))] }));
    assertUnavailable(down);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    assert.equal((await server.admin.health.check({})).status, Status.SERVING);
    const { text } = await server.admin.config.export({});
    assert.match(text, /linux/);
    // Long enough for the replica to look for the database in vain.
    await eventually("the snapshot ages", () => (server.app.replica.ageMs() ?? 0) > 300);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    await stopChecking();
  });

  it("whatever needs the database is unavailable, without a word of Postgres", async () => {
    const files = [textFile(fleet("mac"))];
    const calls = [
      server.admin.config.apply({ files }),
      server.admin.config.apply({ files, validateOnly: true }),
      server.admin.keys.create({ identity: "service:ci" }),
      server.admin.keys.revoke({ id: "AAAAAAAAAAAAAAAA" }),
      server.admin.keys.list({}),
    ];
    for (const failed of await Promise.all(calls.map((call) => failure(call)))) {
      assertUnavailable(failed);
    }
  });

  it("a check that must be fully consistent could not be made, in the constant words", async () => {
    const consistency = { requirement: { case: "fullyConsistent", value: true } } as const;
    const asked = { ...question("linux"), consistency };
    const failed = await failure(server.admin.acl.checkPoolPerm(asked));
    assert.deepEqual(failed, {
      what: "Internal FRESHNESS_NOT_REACHED",
      message: "the check could not be made; retry",
      metadata: {},
      retry: true,
    });
    const { revisionToken } = await server.admin.acl.checkPoolPerm(question("linux"));
    const known = { requirement: { case: "atLeastAsFresh", value: revisionToken } } as const;
    await server.admin.acl.checkPoolPerm({ ...question("linux"), consistency: known });
  });

  it("nothing needs a restart when it is back", async () => {
    const stopChecking = keepChecking();
    await postgres.start();
    await eventually("an apply works again", () =>
      server.admin.config.apply({ files: [textFile(fleet("linux"))] }).then(
        () => true,
        (error: unknown) => assertUnavailable(told(error)),
      ),
    );
    await server.admin.config.apply({ files: [textFile(fleet("linux", "later"))] });
    await server.admin.acl.checkPoolPerm(question("later"));
    const consistency = { requirement: { case: "fullyConsistent", value: true } } as const;
    await server.admin.acl.checkPoolPerm({ ...question("later"), consistency });
    await server.admin.keys.create({ identity: "service:ci" });
    await stopChecking();
  });

  it("writes whose connections are cut either happened or did not, and say so", async () => {
    const cutter = startCutting(postgres.url);
    let applied = 0;
    let failed = 0;
    try {
      await eventually("enough writes went both ways", async () => {
        const number = applied + failed;
        const files = [textFile(fleet(`pool-${number}`))];
        try {
          await server.admin.config.apply({ files, reason: `write ${number}` });
          applied += 1;
        } catch (error) {
          assertUnavailable(told(error));
          failed += 1;
        }
        return applied >= 10 && failed >= 3;
      });
    } catch (error) {
      throw new Error(`${applied} applied, ${failed} failed`, { cause: error });
    } finally {
      await cutter.stop();
    }
    await eventually("writes work again", () =>
      server.admin.config.apply({ files: [textFile(fleet("last"))] }).then(
        () => true,
        () => false,
      ),
    );
    await server.admin.acl.checkPoolPerm(question("last"));
    const { revisions, newest, changes } = await history(postgres.url);
    assert.equal(newest, revisions, "no revision is missing");
    // A commit that was cut off may have happened; none that was answered is lost.
    assert.ok(changes >= applied && changes <= applied + failed, `${changes}, ${applied}`);
  });

  it("a server whose snapshot is too old checks nothing, is unready and unhealthy, until it is back", async () => {
    const flags = { max_staleness: "1s", poll_interval: "100ms" };
    const { url } = await openApp(postgres.url, flags);
    const clients = openClients(url, server.token);
    atEnd(clients.close);
    const check = () => clients.acl.checkPoolPerm(question("last"));
    const isServing = async () => (await clients.health.check({})).status === Status.SERVING;
    const isReady = async () => (await fetch(`${url}/readyz`)).status === 200;
    const watched = watchHealth(clients);

    await eventually("it checks", () => check().then(Boolean, () => false));
    await eventually("it is ready", isReady);
    await eventually("it is healthy", isServing);

    await postgres.stop("SIGKILL");
    const down = await eventually("its snapshot is too old", () => check().then(() => false, told));
    assert.deepEqual(down, {
      what: "Internal CHECK_UNAVAILABLE",
      message: "the check could not be made; retry",
      metadata: {},
      retry: true,
    });
    assert.equal((await fetch(`${url}/readyz`)).status, 503);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    await eventually("it is unhealthy", async () => !(await isServing()));
    assert.equal((await failure(check())).what, "Internal CHECK_UNAVAILABLE");
    // The other one, on the same database, may be a day behind.
    await server.admin.acl.checkPoolPerm(question("last"));

    await postgres.start();
    await eventually("it checks again", () => check().then(Boolean, () => false));
    await eventually("it is ready again", isReady);
    await eventually("it is healthy again", isServing);
    await eventually("who watches is told", () => watched.seen.at(-1) === Status.SERVING);
    assert.ok(watched.seen.includes(Status.NOT_SERVING));
    await watched.stop();
  });
});

/** Watches the health of the process until told to stop. */
function watchHealth({ health }: Clients): {
  readonly seen: readonly Status[];
  readonly stop: () => Promise<void>;
} {
  const stop = new AbortController();
  const seen: Status[] = [];
  const done = (async () => {
    for await (const { status } of health.watch({}, { signal: stop.signal, timeoutMs: 600_000 })) {
      seen.push(status);
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  done.catch(() => undefined);
  return {
    seen,
    stop: () => {
      stop.abort();
      return done;
    },
  };
}

/** Ends the connections that are at work, again and again, until told to stop. */
function startCutting(url: string): { readonly stop: () => Promise<void> } {
  const stop = new AbortController();
  const done = (async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      while (!stop.signal.aborted) {
        await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()
             and (state <> 'idle' or random() < 0.2)`,
        );
        await setTimeout(50 + Math.random() * 200);
      }
    } finally {
      await client.end();
    }
  })();
  done.catch(() => undefined);
  return {
    stop: () => {
      stop.abort();
      return done;
    },
  };
}

async function history(
  url: string,
): Promise<{ readonly revisions: number; readonly newest: number; readonly changes: number }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ revisions: number; newest: number; changes: number }>(
      `select (select count(*)::int from change) as revisions,
              (select revision::int from database) as newest,
              (select count(*)::int from change where reason like 'write %') as changes`,
    );
    const [row] = rows;
    assert.ok(row);
    return row;
  } finally {
    await client.end();
  }
}
