import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { makeFolder } from "./support/cleanup.ts";
import { fleetgate, root, run, start, type Ended, type Running } from "./support/processes.ts";

// The commands on the page must survive what a path may hold.
const folder = join(makeFolder(), "Ann's $HOME folder");
const headerFile = join(folder, "admin.header");
const heard: string[] = [];

function quickStart(): Running {
  return start(process.execPath, [
    ...["scripts/quick-start.ts", "--data", folder],
    ...["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"],
  ]);
}

/** The commands on the page, each joined from its lines as a shell would. */
function commandsOf(page: string): readonly string[] {
  const lines = page.replaceAll("\\\n", "").split("\n");
  return lines.map((line) => line.trim()).filter((line) => /^(npx|npm) /.test(line));
}

async function paste(command: string): Promise<Ended> {
  const ended = await run("bash", ["-c", command]);
  heard.push(ended.stdout, ended.stderr);
  return ended;
}

async function stop(running: Running): Promise<Ended> {
  running.signal("SIGTERM");
  const ended = await running.end();
  heard.push(ended.stdout, ended.stderr);
  return ended;
}

/** A migrated database. */
function copyTemplate(to: string): void {
  cpSync(process.env["FLEETGATE_TEST_EMBEDDED_TEMPLATE"] ?? "", to, { recursive: true });
}

/** Puts a new key of a database that nobody uses into the header file. */
async function makeKey(database: string, ttl: string): Promise<void> {
  rmSync(headerFile, { force: true });
  const key = ["key", "create", "--bootstrap", "--identity", "user:admin@example.com"];
  const anyway = ["--break-glass", "--reason", "a test"];
  const into = ["--embedded", database, "--out", headerFile];
  const { code, stderr } = await fleetgate([...key, ...anyway, ...into, "--ttl", ttl]);
  assert.equal(code, 0, stderr);
}

/** Spoils the header file and starts again: there must be a new key, and it must work. */
async function startsWithNewKey(spoil: (good: string) => Promise<void> | void): Promise<void> {
  const read = (): string => (existsSync(headerFile) ? readFileSync(headerFile, "utf8") : "");
  await spoil(read());
  const spoiled = read();
  const again = quickStart();
  const page = (await again.says(/Fleetgate is ready\.[^]*Stop with Ctrl-C\./))[0];
  assert.notEqual(read(), spoiled);
  assert.equal(statSync(headerFile).mode & 0o777, 0o600);
  const outcome = await paste(commandsOf(page)[3] ?? "");
  assert.equal(outcome.stdout, "permitted\n", outcome.stderr);
  assert.equal((await stop(again)).code, 0);
}

const secret = (): string => {
  const token = /Bearer (\S+)\n$/.exec(readFileSync(headerFile, "utf8"))?.[1] ?? "";
  assert.match(token, /^fg1_ak_/);
  // The part behind the id.
  return token.slice("fg1_ak_".length + 17, -7);
};

// In the order of a newcomer's first minutes: each step stands on the one before.
describe("npm start", () => {
  let running: Running;
  let page: string;
  let commands: readonly string[];

  before(async () => {
    running = quickStart();
    page = (await running.says(/Fleetgate is ready\.[^]*Stop with Ctrl-C\./))[0];
    commands = commandsOf(page);
  });

  it("says who asks, where the data is, and prints four commands", () => {
    assert.match(page, /the example fleet of examples\/config was loaded/);
    assert.match(page, /You ask as user:admin@example\.com/);
    assert.equal(commands.length, 4);
  });

  it("prints a check that is permitted", async () => {
    const { code, stdout } = await paste(commands[0] ?? "");
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(JSON.parse(stdout) as object), ["revisionToken"]);
  });

  it("prints a check that is denied, with the reason", async () => {
    const { code, stderr } = await paste(commands[1] ?? "");
    assert.notEqual(code, 0);
    assert.match(stderr, /"code": "permission_denied"/);
    assert.match(stderr, /"reason": "PERMISSION_DENIED"/);
    assert.match(stderr, /"pool": "release-signing"/);
  });

  it("prints a filter that gives the pools", async () => {
    const { code, stdout } = await paste(commands[2] ?? "");
    assert.equal(code, 0);
    const { pools } = JSON.parse(stdout) as { readonly pools: readonly string[] };
    assert.deepEqual(pools, ["linux-tests", "mac-tests"]);
  });

  it("prints the check by the command line", async () => {
    const { code, stdout, stderr } = await paste(commands[3] ?? "");
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "permitted\n" }, stderr);
  });

  it("keeps the key where only its owner reads it, and git does not look", async () => {
    assert.equal(statSync(headerFile).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o077, 0);
    const ignored = await run("git", ["check-ignore", ".fleetgate/admin.header"]);
    assert.equal(ignored.stdout, ".fleetgate/admin.header\n");
    const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly files: readonly string[];
    };
    assert.ok(!files.some((name) => name.startsWith(".")), "npm packs what is listed only");
  });

  it("refuses a second process in the same folder, and says the way out", async () => {
    const second = await quickStart().end();
    heard.push(second.stdout, second.stderr);
    assert.equal(second.code, 4);
    assert.equal(second.stdout, "");
    assert.match(
      second.stderr,
      /another process \(pid \d+\) uses .*; stop it, or use DATABASE_URL/,
    );
    assert.doesNotMatch(second.stderr, /\n\s+at /);
    assert.equal((await paste(commands[3] ?? "")).code, 0);
  });

  it("refuses an address that is in use, in words", async () => {
    const address = /http:\/\/([0-9.:]+)/.exec(page)?.[1] ?? "";
    const elsewhere = makeFolder();
    copyTemplate(join(elsewhere, "db"));
    const args = ["scripts/quick-start.ts", "--data", elsewhere, "--listen", address];
    const { code, stderr } = await run(process.execPath, [...args, "--metrics-listen", "off"]);
    assert.equal(code, 4);
    assert.match(stderr, /^cannot listen on .*choose another port\n$/);
  });

  it("refuses a flag that it does not know, with help", async () => {
    const { code, stderr } = await run(process.execPath, ["scripts/quick-start.ts", "--port", "1"]);
    assert.equal(code, 2);
    assert.match(stderr, /'--port'[^]*Usage: npm start/);
  });

  it("ends with 0 on SIGTERM", async () => {
    assert.equal((await stop(running)).code, 0);
  });

  it("starts again with the same key and what was there", async () => {
    const before = readFileSync(headerFile, "utf8");
    const again = quickStart();
    const secondPage = (await again.says(/Fleetgate is ready\.[^]*Stop with Ctrl-C\./))[0];
    assert.doesNotMatch(secondPage, /was loaded/);
    assert.equal(readFileSync(headerFile, "utf8"), before);
    const outcome = await paste(commandsOf(secondPage)[0] ?? "");
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.equal((await stop(again)).code, 0);
  });

  it("makes a new key when the header file is gone", async () => {
    await startsWithNewKey(() => {
      rmSync(headerFile);
    });
  });

  it("makes a new key when the one in the header file is of another server", async () => {
    await startsWithNewKey(async (good) => {
      const elsewhere = join(makeFolder(), "db");
      copyTemplate(elsewhere);
      await makeKey(elsewhere, "90d");
      assert.notEqual(readFileSync(headerFile, "utf8"), good);
    });
  });

  it("makes a new key when the old one ends within the hour", async () => {
    await startsWithNewKey(() => makeKey(join(folder, "db"), "59m"));
  });

  it("has shown the secret of the key to nobody", () => {
    const shown = heard.join("\n") + page;
    assert.ok(!shown.includes(secret()));
  });
});
