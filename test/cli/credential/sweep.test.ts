import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openStorage, type Storage } from "../../../src/storage/database.ts";
import { storeCredential, storeSubject } from "../../support/credential-rows.ts";
import { createPostgresDatabase, type TestDatabase } from "../../support/database.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";

const day = 86_400;

describe("credential sweep", () => {
  let database: TestDatabase;
  let storage: Storage;
  before(async () => {
    database = await createPostgresDatabase();
    storage = await openStorage(database.choice);
    const live = await storeSubject(storage);
    await storeCredential(storage, live);
    await storeCredential(storage, live, { expiresAt: -2 * day });
    const past = -31 * day;
    const ended = await storeSubject(storage, { endedAt: past, deletedAt: past });
    await storeCredential(storage, ended, { expiresAt: past });
    for (const days of [3, 40, 100]) {
      await storage.exec(
        `insert into credential_audit (at, event) values (now() - interval '${days} days', 'issued')`,
      );
    }
  });
  after(async () => {
    await storage.close();
    await database.remove();
  });
  const run = (...args: readonly string[]): Promise<CliResult> =>
    runCli(["credential", "sweep", ...args], {
      env: { DATABASE_URL: (database.choice as { readonly url: string }).url },
    });

  it("counts what would go, and removes nothing", async () => {
    const planned = await run("--dry-run");
    assert.deepEqual(
      [planned.code, planned.stdout],
      [
        0,
        "would remove 1 credential, 1 bots, tasks and runners, 0 managers, 0 holds, 0 claims, 0 events, 1 audit event and 0 replicas\n" +
          "would wipe the hashes of 1 more credential and 0 more claims\n",
      ],
      planned.stderr,
    );
    const again = await run("--dry-run", "--json", "--audit-retention", "30d");
    assert.deepEqual(JSON.parse(again.stdout), {
      ...{ holds: 0, managers: 0, credentials: 1, secrets: 1, subjects: 1, events: 0, replicas: 0 },
      ...{ claims: 0, claimSecrets: 0 },
      ...{ auditEvents: 2, dryRun: true },
    });
  });

  it("removes what it counted, and then there is nothing more", async () => {
    const removed = await run("--audit-retention", "30d");
    assert.match(
      removed.stdout,
      /^removed 1 credential, 1 bots, tasks and runners, .* 2 audit events/,
    );
    assert.match(removed.stderr, /^database: /);
    assert.match(
      (await run("--dry-run")).stdout,
      /^would remove 0 credentials, 0 bots, tasks and runners/,
    );
    const [told] = await storage.db
      .selectFrom("credential_audit")
      .select(["event", "detail"])
      .orderBy("id", "desc")
      .limit(1)
      .execute();
    assert.ok(told);
    assert.equal(told.event, "swept");
    assert.equal(told.detail["credentials"], 1);
  });

  it("is a usage error with a retention that no server has", async () => {
    const { code, stderr } = await run("--audit-retention", "1h");
    assert.equal(code, 2);
    assert.match(stderr, /--audit-retention: must be .* from 1d to 3650d/);
  });
});
