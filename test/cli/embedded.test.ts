import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { StopSignal } from "../../src/cli/io.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const folder = makeFolder();
// Its parent does not exist yet.
const database = join(folder, "fleetgate", "database");
const optionsFile = join(folder, "fleetgate.server.yaml");
writeFileSync(optionsFile, `embedded: ${JSON.stringify(database)}\n`);
const header = join(folder, "admin.header");
const bootstrap = ["key", "create", "--bootstrap", "--identity", "user:ann@example.com"];

interface ServeAnswer {
  readonly url: string;
  readonly tlsFingerprint?: string;
}

/** Serves the embedded database while `use` runs, and returns what serve came to. */
async function serving(
  use: (endpoint: string, answer: ServeAnswer) => Promise<void>,
  flags: readonly string[] = [],
): Promise<CliResult> {
  const stop = Promise.withResolvers<StopSignal>();
  const started = Promise.withResolvers<ServeAnswer>();
  const served = runCli(
    [
      ...["serve", "--embedded", database, "--listen", "127.0.0.1:0", "--metrics-listen", "off"],
      ...["--log-level", "silent", "--json", ...flags],
    ],
    {
      stop: stop.promise,
      onStdout: (soFar) => {
        if (soFar.endsWith("}\n")) started.resolve(JSON.parse(soFar) as ServeAnswer);
      },
    },
  );
  const ended = served.then((result) => {
    throw new Error(`serve ended early: ${JSON.stringify(result)}`);
  });
  try {
    const answer = await Promise.race([started.promise, ended]);
    await use(answer.url, answer);
  } finally {
    stop.resolve("SIGTERM");
    // It ends now in any case.
    await ended.catch(() => undefined);
  }
  return served;
}

// In the order of an operator's first day: each step stands on the one before.
describe("the commands on an embedded database", () => {
  it("bootstrap says to migrate a new database first", async () => {
    const result = await runCli([...bootstrap, "--embedded", database, "--out", header]);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /^error: the database lacks .*fleetgate migrate/);
  });

  it("migrate applies what is missing, to the database that the environment names", async () => {
    const first = await runCli(["migrate"], { env: { FLEETGATE_EMBEDDED: database } });
    assert.equal(first.code, 0);
    assert.match(first.stdout, /^applied 0001_/);
    assert.match(first.stderr, /^database: .*\napplying 0001_/);
  });

  it("bootstrap makes the first administrator and then wants the glass broken", async () => {
    const first = await runCli([...bootstrap, "--embedded", database, "--out", header]);
    assert.equal(first.code, 0, first.stderr);
    const second = await runCli([...bootstrap, "--embedded", database]);
    assert.equal(second.code, 4);
    assert.equal(second.stdout, "");
    assert.match(second.stderr, /\nhint: .*--break-glass --reason/);
    const third = [...bootstrap, "--options", optionsFile, "--break-glass", "--reason", "lost"];
    assert.match((await runCli(third)).stdout, /^fg1_ak_\S+\n$/);
    const json = await runCli([...third, "--json"]);
    const { apiKey } = JSON.parse(json.stdout) as { readonly apiKey: Record<string, unknown> };
    const fields = ["id", "identity", "createdAt", "createdBy", "expiresAt"];
    assert.deepEqual(Object.keys(apiKey), fields);
  });

  it("serve makes its certificate itself, and says what to pin", async () => {
    await serving(
      async (endpoint, { tlsFingerprint = "none" }) => {
        const where = ["--endpoint", endpoint, "--tls-fingerprint", tlsFingerprint];
        const health = await runCli(["health", ...where]);
        assert.deepEqual(health, { code: 0, stdout: "SERVING\n", stderr: "" });
      },
      ["--tls-self-signed"],
    );
  });

  it("serve lets the key in, keeps others out of the database, and stops on a signal", async () => {
    const served = await serving(async (endpoint) => {
      const env = { FLEETGATE_ENDPOINT: endpoint, FLEETGATE_HEADER_FILE: header };
      assert.equal((await runCli(["health"], { env })).code, 0);
      const check = ["check", "server", "--permission", "swarming.pools.listBots"];
      assert.deepEqual(await runCli(check, { env }), {
        code: 0,
        stdout: "permitted\n",
        stderr: "",
      });
      const list = JSON.parse((await runCli(["key", "list", "--json"], { env })).stdout) as {
        readonly apiKeys: readonly unknown[];
      };
      assert.equal(list.apiKeys.length, 3);

      const migrated = await runCli(["migrate", "--embedded", database]);
      assert.equal(migrated.code, 4);
      assert.match(migrated.stderr, new RegExp(`pid ${process.pid}\\b.*\nhint: .*nothing to do`));
      const keyed = await runCli([...bootstrap, "--embedded", database]);
      assert.equal(keyed.code, 4);
      assert.match(keyed.stderr, /\nhint: .*without --bootstrap/);
    });
    assert.equal(served.code, 0);
    const { url, database: described } = JSON.parse(served.stdout) as Record<string, string>;
    assert.match(url ?? "", /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(described, database);
  });
});

describe("the choice of a database", () => {
  const misuses: readonly (readonly [string, readonly string[], Record<string, string>])[] = [
    ["none", [], {}],
    ["two", ["--embedded", "d"], { DATABASE_URL: "postgres://ann:hunter2@127.0.0.1/d" }],
    ["a URL that is none", [], { DATABASE_URL: "mysql://ann:hunter2@127.0.0.1/d" }],
  ];
  for (const [what, args, env] of misuses) {
    it(`ends with 2 for ${what}, and shows no password`, async () => {
      for (const command of [["serve"], ["migrate"], bootstrap]) {
        const result = await runCli([...command, ...args], { env });
        assert.equal(result.code, 2);
        assert.match(result.stderr, /^error: the server options are not usable:\n/);
        assert.ok(!result.stderr.includes("hunter2"));
      }
    });
  }

  it("says how to come from two databases to one", async () => {
    const env = { DATABASE_URL: "postgres://ann:hunter2@127.0.0.1/d" };
    const { stderr } = await runCli(["migrate", "--embedded", "d"], { env });
    assert.match(stderr, /unset DATABASE_URL .*, or leave out embedded/);
  });

  it("ends with 2 for a bad flag of serve, with all problems at once", async () => {
    const args = ["serve", "--embedded", "d", "--listen", "nowhere", "--max-streams", "0"];
    const result = await runCli(args);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /--listen: must be .*\n.*--max-streams: must be /);
  });

  it("ends with 4 when Postgres does not answer, and shows no password", async () => {
    const env = { DATABASE_URL: "postgres://ann:hunter2@127.0.0.1:1/d" };
    const result = await runCli(["migrate"], { env });
    assert.equal(result.code, 4);
    assert.match(result.stderr, /^error: .*ECONNREFUSED.*\nreason: STORAGE_UNAVAILABLE\nhint: /);
    assert.ok(!result.stderr.includes("hunter2"));
  });
});
