import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import * as fc from "fast-check";
import { sql } from "kysely";
import { sweep } from "../../../src/commands/credential/sweep.ts";
import { startSweeper } from "../../../src/commands/credential/sweeper.ts";
import {
  sweepCredentials,
  sweepLockKey,
  type Swept,
} from "../../../src/storage/credential/sweep.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { forEachBackend, useDatabase } from "../../support/database.ts";
import { readRemains, storeWorld, whatRemains, world, type World } from "./sweep-world.ts";

const auditMs = 90 * 24 * 3_600_000;

const tables = [
  ...["credential_use", "hold", "credential", "subject", "credential_event", "credential_audit"],
  ...["signing_key_holder", "manager", "manager_contact", "claim"],
].join(", ");

async function restart(storage: Storage, contents: World): Promise<void> {
  await storage.exec(`truncate ${tables}`);
  await storeWorld(storage, contents);
}

function sum(all: readonly (Swept | undefined)[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const swept of all) {
    for (const [thing, count] of Object.entries(swept ?? {})) {
      total[thing] = (total[thing] ?? 0) + count;
    }
  }
  return total;
}

describe("sweeping (U70)", () => {
  forEachBackend((name, open) => {
    let storage: Storage;
    before(async () => {
      storage = await open();
    });

    test("leaves exactly what the rules say, and a dry run counts exactly what goes", async () => {
      const numRuns = name === "Postgres" ? 25 : 5;
      await fc.assert(
        fc.asyncProperty(world, fc.integer({ min: 1, max: 5 }), async (contents, batchSize) => {
          await restart(storage, contents);
          const expected = whatRemains(contents);
          const all = await readRemains(storage);
          const planned = await sweep(storage, { auditMs, wait: true, dryRun: true });
          assert.deepEqual(await readRemains(storage), all, "a dry run removes nothing");
          const swept = await Promise.all(
            [1, 2, 3].map(() => sweepCredentials(storage, { auditMs, wait: true, batchSize })),
          );
          assert.deepEqual(await readRemains(storage), expected);
          assert.deepEqual(sum(swept), { ...planned });
          assert.deepEqual(
            sum([await sweep(storage, { auditMs, wait: true })]),
            sum([await sweep(storage, { auditMs, wait: true, dryRun: true })]),
          );
        }),
        { numRuns },
      );
    });
  });
});

describe("sweeping beside others", () => {
  const open = useDatabase();

  test("waits for nobody: what another transaction has locked is left for the next time", async () => {
    const storage = await open();
    const contents: World = {
      subjects: [{ ended: 40 * 24 }],
      credentials: [
        { of: 0, expires: 40 * 24, revoked: undefined, wiped: true },
        { of: 0, expires: 40 * 24, revoked: undefined, wiped: true },
      ],
      ...{ holds: [], events: [], audits: [], replicas: [] },
    };
    await restart(storage, contents);
    const { credentials: ids } = await readRemains(storage);
    await storage.db.transaction().execute(async (tx) => {
      await tx
        .selectFrom("credential")
        .select("id")
        .where("id", "=", ids[0]?.split(" ")[0] ?? "")
        .forUpdate()
        .execute();
      const swept = await sweep(storage, { auditMs, wait: true });
      assert.deepEqual([swept?.credentials, swept?.subjects], [1, 0]);
    });
    const swept = await sweep(storage, { auditMs, wait: true });
    assert.deepEqual([swept?.credentials, swept?.subjects], [1, 1]);
  });

  test("is one sweep at a time: who does not wait leaves it to the other", async () => {
    const storage = await open();
    await storage.db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${sweepLockKey}::bigint)`.execute(tx);
      assert.equal(await sweep(storage, { auditMs, wait: false }), undefined);
    });
  });

  test("by a server tells what it removed, and of its first failure", async () => {
    const storage = await open();
    await restart(storage, {
      ...{ subjects: [], credentials: [], holds: [], audits: [], replicas: [] },
      events: [1, 3, 4],
    });
    const failures: unknown[] = [];
    const onFailure = (error: unknown) => void failures.push(error);
    const sweeper = startSweeper(storage, { auditMs, everyMs: 3_600_000, onFailure });
    assert.equal(sweeper.status().sweptAt, undefined);
    await Promise.all([sweeper.run(), sweeper.run()]);
    const { removed, failures: none, sweptAt } = sweeper.status();
    assert.deepEqual([removed.events, none], [2, 0]);
    assert.ok(sweptAt !== undefined);
    await storage.exec("alter table hold rename to held");
    await sweeper.run();
    await sweeper.run();
    assert.equal(sweeper.status().failures, 2);
    assert.equal(failures.length, 1);
    await sweeper.close();
  });
});
