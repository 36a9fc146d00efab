import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openStorage } from "../../../src/storage/database.ts";
import { createPostgresDatabase, type TestDatabase } from "../../support/database.ts";
import { group, member, write } from "../../storage/history/support.ts";
import { groupChanges } from "../../storage/examples.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";
import { makeFolder } from "../support/temp-folder.ts";

describe("log prune and log erase", () => {
  let database: TestDatabase & { readonly choice: { readonly kind: "postgres" } };
  before(async () => {
    database = await createPostgresDatabase();
    const storage = await openStorage(database.choice);
    await write(storage, groupChanges("g", ["user:zoe@example.com"]));
    await write(storage, [member("g", "user:zoe@example.com", "delete")]);
    await write(storage, [group("g", "", "x")]);
    await storage.close();
  });
  after(() => database.remove());
  const run = (...args: readonly string[]): Promise<CliResult> =>
    runCli(["log", ...args], { env: { DATABASE_URL: (database.choice as { url: string }).url } });

  it("erase counts first, then erases, and says what stands for the person", async () => {
    const erase = ["erase", "user:zoe@example.com", "--reason", "request 17"];
    const planned = await run(...erase, "--dry-run");
    assert.equal(planned.code, 0, planned.stderr);
    assert.equal(
      planned.stdout,
      "would erase the identity from 2 items, 0 changes, 0 API keys and 0 accepted restores\n",
    );
    assert.match(planned.stderr, /^database: .*\nlooked through 4 items \.\.\.\n$/);
    const erased = await run(...erase);
    assert.equal(erased.code, 0, erased.stderr);
    assert.match(
      erased.stdout,
      /^erased the identity from 2 items, .*\nuser:erased-[0-9a-f]{12} stands for it now; revision 4 tells of it\n$/,
    );
    const none = await run(...erase);
    assert.equal(
      none.stdout,
      "nothing names the identity, so nothing was erased; revision 5 tells of the try\n",
    );
    const again = await run(...erase, "--json");
    const answer = JSON.parse(again.stdout) as { items: number; revision: string };
    assert.deepEqual([answer.items, answer.revision], [0, "6"]);
  });

  it("erase is a usage error for what is no identity, or without a reason", async () => {
    assert.equal((await run("erase", "zoe", "--reason", "x")).code, 2);
    assert.equal((await run("erase", "user:zoe@example.com")).code, 2);
    assert.equal((await run("erase", "user:zoe@example.com", "--reason", "")).code, 2);
    const named = await run("erase", "user:zoe@example.com", "--reason", "of zoe@example.com");
    assert.equal(named.code, 2);
    assert.match(named.stderr, /reason: must not name the person/);
  });

  it("erase fails while the person has access, and says where", async () => {
    const storage = await openStorage(database.choice);
    await write(storage, [member("g", "user:max@example.com", "create")]);
    await storage.close();
    const { code, stderr } = await run("erase", "user:max@example.com", "--reason", "x");
    assert.equal(code, 4);
    assert.match(stderr, /a member of the group g/);
  });

  it("prune counts first, then prunes", async () => {
    const planned = await run("prune", "--before-revision", "3", "--dry-run");
    assert.equal(planned.code, 0, planned.stderr);
    assert.equal(
      planned.stdout,
      "would prune 3 items of 2 changes before revision 3, and 0 requests\n",
    );
    const none = await run("prune", "--older-than", "1d");
    assert.match(none.stdout, /^pruned 0 items of 0 changes before revision 1,/);
    const pruned = await run("prune", "--before-revision", "3", "--json");
    const answer: unknown = JSON.parse(pruned.stdout);
    assert.deepEqual(answer, {
      beforeRevision: "3",
      changes: "2",
      items: "3",
      requests: "0",
      dryRun: false,
    });
    assert.match(pruned.stderr, /pruned 3 of 3 items \.\.\./);
  });

  it("prune wants exactly one bound", async () => {
    assert.equal((await run("prune")).code, 2);
    assert.equal((await run("prune", "--older-than", "1d", "--before-revision", "3")).code, 2);
    assert.equal((await run("prune", "--before-revision", "0")).code, 2);
  });

  it("makes no database of a path that is misspelt", async () => {
    const missing = join(makeFolder(), "db");
    const at = ["--embedded", missing];
    for (const command of [
      ["log", "prune", "--older-than", "1d", "--dry-run"],
      ["log", "erase", "user:zoe@example.com", "--reason", "x"],
      ["accept-restore", "--reason", "x", "--dry-run"],
    ]) {
      const { code, stderr } = await runCli([...command, ...at]);
      assert.equal(code, 2);
      assert.match(stderr, /^error: embedded: there is no database in /);
      assert.ok(!existsSync(missing));
    }
  });
});
