import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { EmbeddedLockedError, openStorage } from "../../src/storage/database.ts";
import { lockDirectory } from "../../src/storage/embedded/directory-lock.ts";
import { processStart } from "../../src/storage/embedded/process-start.ts";
import { readState } from "../support/stored-state.ts";
import { readRevisionPoint } from "../../src/storage/revision-point.ts";
import { createEmbeddedDatabase } from "../support/database.ts";

const writer = fileURLToPath(new URL("embedded-writer.ts", import.meta.url));

/** Starts a process that writes revisions for ever, and says each one when it is acknowledged. */
function startWriter(directory: string): {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
} {
  const child = spawn(process.execPath, [writer, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, lines };
}

describe("openStorage with a directory", () => {
  let database: Awaited<ReturnType<typeof createEmbeddedDatabase>>;
  let directory: string;
  before(async () => {
    database = await createEmbeddedDatabase();
    ({ directory } = database.choice);
  });
  after(() => database.remove());

  test("is refused beside another process; nothing acknowledged is lost when that is killed", async () => {
    const { child, lines } = startWriter(directory);
    const exit = once(child, "exit");
    let acknowledged = 0n;
    try {
      assert.equal((await lines.next()).value, "1");
      await assert.rejects(openStorage(database.choice), (error) => {
        assert.ok(error instanceof EmbeddedLockedError);
        assert.equal(error.pid, child.pid);
        assert.equal(error.directory, directory);
        assert.equal(
          error.message,
          `another process (pid ${child.pid}) uses the embedded database in ${directory}; stop it, or use DATABASE_URL for a database that many processes can share`,
        );
        return true;
      });
      for (let count = 0; count < 20; count += 1)
        acknowledged = BigInt((await lines.next()).value as string);
    } finally {
      child.kill("SIGKILL");
      await exit;
    }
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
      acknowledged = BigInt(next.value);
    }
    const storage = await openStorage(database.choice);
    const state = await readState(storage);
    assert.ok(state.revision >= acknowledged && acknowledged > 20n);
    assert.equal(BigInt(state.configurations.get("main")?.groups.length ?? 0), state.revision);
    await storage.close();
  });

  test("is refused to the same process too, until it closes", async () => {
    const storage = await openStorage(database.choice);
    await assert.rejects(openStorage(database.choice), EmbeddedLockedError);
    await storage.close();
    await storage.close();
    await assert.rejects(readRevisionPoint(storage), { reason: "STORAGE_UNAVAILABLE" });
    await (await openStorage(database.choice)).close();
  });

  test("closes the directory to other users and leaves no lock behind", () => {
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(directory), ["data"]);
  });

  test("is STORAGE_UNAVAILABLE where no directory can be made, and unlocks what it cannot open", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    const inFile = openStorage({ kind: "embedded", directory: join(file, "x") });
    await assert.rejects(inFile, { reason: "STORAGE_UNAVAILABLE" });
    const broken = join(directory, "broken");
    mkdirSync(join(broken, "data"), { recursive: true });
    writeFileSync(join(broken, "data", "PG_VERSION"), "1");
    const opening = openStorage({ kind: "embedded", directory: broken });
    await assert.rejects(opening, { reason: "STORAGE_UNAVAILABLE" });
    assert.deepEqual(readdirSync(broken), ["data"]);
  });

  test("begins anew where making the database was interrupted", async () => {
    const interrupted = join(directory, "interrupted");
    mkdirSync(join(interrupted, "data.new"), { recursive: true });
    writeFileSync(join(interrupted, "data.new", "PG_VERSION"), "18");
    const storage = await openStorage({ kind: "embedded", directory: interrupted });
    assert.match(storage.serverVersion, /^\d+/);
    await storage.close();
    assert.deepEqual(readdirSync(interrupted), ["data"]);
  });
});

describe("lockDirectory", () => {
  let database: Awaited<ReturnType<typeof createEmbeddedDatabase>>;
  let path: string;
  before(async () => {
    database = await createEmbeddedDatabase();
    path = join(database.choice.directory, "fleetgate.lock");
  });
  after(() => database.remove());

  const lockAs = (owner: object | string): void =>
    writeFileSync(path, typeof owner === "string" ? owner : JSON.stringify(owner));

  test("takes over from a dead process, from a reused pid and from rubbish", () => {
    const { directory } = database.choice;
    const host = hostname();
    for (const stale of [
      { pid: 2 ** 30, start: "1", host },
      { pid: process.pid, start: "1", host },
      { pid: process.ppid, start: "not its start", host },
      "",
      "{",
      "null",
    ]) {
      lockAs(stale);
      lockDirectory(directory).release();
      assert.ok(!existsSync(path));
    }
    // Whoever took over died in the middle of it.
    lockAs({ pid: 2 ** 30, start: "1", host });
    writeFileSync(`${path}.takeover`, JSON.stringify({ pid: 2 ** 30, start: "2", host }));
    lockDirectory(directory).release();
    assert.deepEqual(readdirSync(directory), ["data"]);
  });

  test("never takes over from a living process or from another host", () => {
    const { directory } = database.choice;
    for (const owner of [
      { pid: process.ppid, start: processStart(process.ppid), host: hostname() },
      { pid: 2 ** 30, start: "1", host: "elsewhere.example.com" },
    ]) {
      lockAs(owner);
      assert.throws(() => lockDirectory(directory), EmbeddedLockedError);
      assert.ok(existsSync(path));
    }
    assert.throws(
      () => lockDirectory(directory),
      /on elsewhere\.example\.com\) .* remove .*fleetgate\.lock/,
    );
  });

  test("does not release the lock of another", () => {
    lockAs("");
    const lock = lockDirectory(database.choice.directory);
    lockAs({ pid: 2 ** 30, start: "1", host: hostname() });
    lock.release();
    assert.ok(existsSync(path));
  });
});
