import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http2 from "node:http2";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Client } from "pg";
import { HealthCheckResponse_ServingStatus as Status } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { atEnd, makeFolder } from "./support/cleanup.ts";
import { openClients, textFile, type Clients } from "./support/clients.ts";
import { eventually } from "./support/eventually.ts";
import { failure } from "./support/failures.ts";
import { fleetgate, start, type Environment, type Running } from "./support/processes.ts";

interface Serving {
  readonly running: Running;
  readonly url: string;
  readonly metricsUrl: string;
}

const freePorts = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];

async function serve(databaseUrl: string, ...flags: readonly string[]): Promise<Serving> {
  const args = ["src/cli/main.ts", "serve", ...freePorts, ...flags];
  const running = start(process.execPath, args, { DATABASE_URL: databaseUrl });
  const said = await running.says(/listens on (http\S+)\nmetrics are on (http\S+)\n/);
  return { running, url: said[1] ?? "", metricsUrl: said[2] ?? "" };
}

/** A migrated database with an administrator, made by the command line as an operator does it. */
async function prepareDatabase(): Promise<{ readonly url: string; readonly token: string }> {
  const database = await createPostgresDatabase({ empty: true });
  atEnd(database.remove);
  const { url } = database.choice;
  const env = { DATABASE_URL: url };
  const migrated = await fleetgate(["migrate"], env);
  assert.equal(migrated.code, 0, migrated.stderr);
  const header = join(makeFolder(), "admin.header");
  const identity = ["--identity", "user:root@example.com"];
  const made = await fleetgate(["key", "create", "--bootstrap", ...identity, "--out", header], env);
  assert.equal(made.code, 0, made.stderr);
  const token = /Bearer (\S+)/.exec(readFileSync(header, "utf8"))?.[1] ?? "";
  return { url, token };
}

function connect(url: string, token?: string): Clients {
  const clients = openClients(url, token);
  atEnd(clients.close);
  return clients;
}

describe("fleetgate serve", () => {
  let database: Awaited<ReturnType<typeof prepareDatabase>>;

  before(async () => {
    database = await prepareDatabase();
  });

  it("finishes what is under way after SIGTERM, says goodbye and ends with 0", async () => {
    const { running, url } = await serve(database.url);
    const session = http2.connect(url);
    const goodbye = once(session, "goaway");
    const call = session.request({
      ":method": "POST",
      ":path": "/fleetgate.acl.v1.AclService/CheckServerPerm",
      "content-type": "application/json",
      authorization: `Bearer ${database.token}`,
    });
    const body = '{"permission":"swarming.pools.listBots"}';
    call.write(body.slice(0, 10));
    // A second call on the same connection has been answered, so the first one has arrived.
    const ready = session.request({ ":path": "/readyz" });
    assert.equal(await statusOf(ready), 200);
    const { health } = connect(url);
    const watch = health.watch({})[Symbol.asyncIterator]();
    const statuses = [await nextStatus(watch)];

    const blocker = await lockRevision(database.url);
    const apply = connect(url, database.token).config.apply({ files: [textFile("groups: []")] });
    await blocker.someoneWaits();

    running.signal("SIGTERM");
    await goodbye;
    statuses.push(await nextStatus(watch));
    assert.deepEqual(statuses, [Status.SERVING, Status.NOT_SERVING]);
    call.end(body.slice(10));
    assert.equal(await statusOf(call), 200);
    await blocker.release();
    await apply;
    assert.equal((await running.end()).code, 0);
    session.destroy();
  });

  it("does not wait for ever for a client that does not finish", async () => {
    const { running, url } = await serve(database.url, "--shutdown-grace", "200ms");
    const session = http2.connect(url);
    session.on("error", () => undefined);
    const call = session.request({
      ":method": "POST",
      ":path": "/fleetgate.acl.v1.AclService/CheckServerPerm",
      "content-type": "application/json",
      authorization: `Bearer ${database.token}`,
    });
    call.on("error", () => undefined);
    call.write("{");
    assert.equal(await statusOf(session.request({ ":path": "/readyz" })), 200);
    running.signal("SIGTERM");
    assert.equal((await running.end()).code, 0);
    session.destroy();
  });

  it("wants to be told which database", async () => {
    const { code, stdout, stderr } = await fleetgate(["serve", ...freePorts]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /DATABASE_URL/);
    assert.match(stderr, /--embedded/);
  });

  it("wants one database, not two", async () => {
    const args = ["serve", ...freePorts, "--embedded", makeFolder()];
    assert.equal((await fleetgate(args, { DATABASE_URL: database.url })).code, 2);
  });

  it("shows the embedded database to nobody else", async () => {
    const args = ["serve", "--embedded", makeFolder(), "--listen", "0.0.0.0:0"];
    const { code, stderr } = await fleetgate(args);
    assert.equal(code, 2);
    assert.match(stderr, /loopback/);
  });

  it("refuses a database without a schema, and says what to do", async () => {
    const empty = await createPostgresDatabase({ empty: true });
    atEnd(empty.remove);
    const env = { DATABASE_URL: empty.choice.url };
    const { code, stderr } = await fleetgate(["serve", ...freePorts], env);
    assert.equal(code, 4);
    assert.match(stderr, /fleetgate migrate/);
  });
});

describe("the password of the database", () => {
  const canary = "canary5ecret";
  const commands: readonly (readonly string[])[] = [
    ["serve", ...freePorts, "--log-level", "debug", "--log-calls"],
    ["migrate", "--json"],
    ["key", "create", "--bootstrap", "--identity", "user:root@example.com"],
  ];
  const urls: Readonly<Record<string, (good: URL) => string>> = {
    "is wrong": (good) => withPassword(good, canary).href,
    "is for a database that does not exist": (good) =>
      withPassword(good, good.password, `/${canary}/x?password=${canary}`).href,
    "is for a host that does not answer": () => `postgres://fleetgate:${canary}@127.0.0.1:1/fleet`,
    "is for a host that is unknown": () => `postgres://fleetgate:${canary}@no.such.host.invalid/x`,
    "has a port that is none": () => `postgres://fleetgate:${canary}@127.0.0.1:port/fleet`,
    "has no host": () => `postgres://fleetgate:${canary}@/fleet`,
    "has characters that must be escaped": () => `postgres://fleetgate:${canary}%zz@[::1/fleet`,
    "is in a URL of another scheme": () => `mysql://fleetgate:${canary}@127.0.0.1/fleet`,
    "is in words instead of a URL": () => `host=127.0.0.1 password=${canary}`,
    "is alone": () => canary,
    "is in the query": () => `postgres://127.0.0.1:1/fleet?user=x&password=${canary}`,
    "is with an option that is none": () =>
      `postgres://fleetgate:${canary}@127.0.0.1:1/fleet?sslmode=${canary}`,
  };
  const cases = Object.entries(urls).flatMap(([name, url], index) => {
    const command = commands[index % commands.length] ?? [];
    return [{ name, url, command }];
  });
  for (const { name, url, command } of cases) {
    it(`stays a secret when it ${name} (${command[0]})`, async () => {
      const good = new URL(process.env["FLEETGATE_TEST_SERVER_URL"] ?? "");
      const env: Environment = { DATABASE_URL: url(good), FLEETGATE_DATABASE_URL: canary };
      const { code, stdout, stderr } = await fleetgate(command, env);
      assert.ok(code === 2 || code === 4, `${code}: ${stderr}`);
      assert.notEqual(stderr, "");
      assert.ok(!(stdout + stderr).includes(canary), stderr);
      assert.doesNotMatch(stderr, /\n\s+at /, "no stack");
    });
  }
});

describe("a secret in a call", () => {
  it("is in no log and in no metric, even when every call is logged", async () => {
    const database = await prepareDatabase();
    const flags = ["--log-level", "debug", "--log-calls"];
    const { running, url, metricsUrl } = await serve(database.url, ...flags);
    const canary = `fg1_ak_AAAAAAAAAAAAAAAA_${"canary5ecret".padEnd(43, "x")}_AAAAAA`;
    const path = "/fleetgate.acl.v1.AclService/CheckServerPerm";
    const send = (authorization: string, where: string, body: string) =>
      fetch(url + where, {
        method: "POST",
        headers: { authorization, "content-type": "application/json", "x-request-id": canary },
        body,
      });
    const good = JSON.stringify({ permission: "swarming.pools.listBots" });
    const own = connect(url, database.token);
    const { token } = await own.keys.create({ identity: "service:ci", description: "ci" });
    await own.config.apply({ files: [textFile(`groups: [{ name: "${canary}" }]`)] }).catch(() => 0);
    const answers = [
      await send(`Bearer ${database.token}`, path, good),
      await send(`Bearer ${token}`, path, good),
      await send(`Bearer ${canary}`, path, good),
      await send(`Bearer ${token}, Bearer ${canary}`, path, good),
      await send("Basic Y2FuYXJ5NWVjcmV0", path, good),
      await send(canary, path, good),
      await send(`Bearer ${database.token}`, `${path}?token=${canary}`, good),
      await send(`Bearer ${database.token}`, `/${canary}/${canary}`, good),
      await send(`Bearer ${database.token}`, path, JSON.stringify({ caller: canary })),
      await send(`Bearer ${database.token}`, path, `{"permission":"${canary}"}`),
      await send(`Bearer ${database.token}`, path, `{"${canary}":1}`),
      await send(`Bearer ${database.token}`, path, `{"permission": ${canary}`),
    ];
    const statuses = answers.map(({ status }) => status);
    assert.deepEqual(statuses.slice(0, 6), [200, 403, 401, 401, 401, 401]);
    const metrics = await (await fetch(metricsUrl)).text();
    assert.match(metrics, /CheckServerPerm/);
    running.signal("SIGTERM");
    const { code, stdout, stderr } = await running.end();
    assert.equal(code, 0);
    const lines = stderr.trim().split("\n");
    assert.ok(lines.filter((line) => line.includes("CheckServerPerm")).length >= 9, stderr);
    const all = stdout + stderr + metrics;
    for (const secret of [database.token, token, canary].map((text) => text.slice(24, 60))) {
      assert.ok(!all.includes(secret), secret);
    }
    assert.ok(!all.includes("canary5ecret") && !all.includes("Y2FuYXJ5NWVjcmV0"));
    for (const line of lines) JSON.parse(line);
  });

  it("is not shown by a key that is refused", async () => {
    const database = await prepareDatabase();
    const { url } = await serve(database.url);
    const wrong = `${database.token.slice(0, 24)}${"A".repeat(43)}${database.token.slice(67)}`;
    const refused = await failure(connect(url, wrong).acl.checkServerPerm({}));
    assert.equal(refused.what, "Unauthenticated CREDENTIAL_REQUIRED");
  });
});

function withPassword(url: URL, password: string, rest = url.pathname): URL {
  const changed = new URL(rest, url);
  changed.username = url.username;
  changed.password = password;
  return changed;
}

async function statusOf(stream: http2.ClientHttp2Stream): Promise<number> {
  const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
  stream.resume();
  return Number(headers[":status"]);
}

async function nextStatus(
  watch: AsyncIterator<{ readonly status: Status }>,
): Promise<Status | undefined> {
  const next = await watch.next();
  return next.done === true ? undefined : next.value.status;
}

/** Holds the row that every writer locks first. */
async function lockRevision(url: string): Promise<{
  readonly someoneWaits: () => Promise<void>;
  readonly release: () => Promise<void>;
}> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("begin");
  await client.query("select 1 from database for update");
  return {
    someoneWaits: async () => {
      await eventually("a writer waits", async () => {
        const { rows } = await client.query<{ waiting: number }>(
          `select count(*)::int as waiting from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return (rows[0]?.waiting ?? 0) > 0;
      });
    },
    release: async () => {
      await client.query("rollback");
      await client.end();
    },
  };
}
