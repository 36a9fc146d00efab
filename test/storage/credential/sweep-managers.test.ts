import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { sweep } from "../../../src/commands/credential/sweep.ts";
import { createRunnerWorld, type RunnerWorld } from "../../commands/runner/world.ts";
import { useDatabase } from "../../support/database.ts";

const auditMs = 90 * 86_400_000;

describe("sweeping managers (c.13, U70)", () => {
  const open = useDatabase();
  let world: RunnerWorld;
  before(async () => {
    world = createRunnerWorld(await open());
  });

  it("takes those that are stale for 7 days and have no live credential, with what was heard of them", async () => {
    const { id, enrolToken } = await world.working("young");
    // Hours since it enrolled, since it was heard of, and until its token ends.
    const table = [
      ["stale", 169, 169, -1, true],
      ["never-heard", 169, undefined, -1, true],
      ["with-token", 169, 169, 1, false],
      ["heard", 169, 167, -1, false],
      ["new", 167, undefined, -1, false],
    ] as const;
    for (const [systemId, enrolled, heard, ends] of table) {
      await world.enrol(enrolToken, systemId);
      const of = `system_id = '${systemId}'`;
      await world.storage.exec(`
        update manager set enrolled_at = now() - interval '${enrolled} hours' where ${of};
        update credential set expires_at = now() + interval '${ends} hours' where ${of};`);
      if (heard === undefined) continue;
      await world.storage.exec(`insert into manager_contact (runner_uid, system_id, contacted_at)
        select runner_uid, system_id, now() - interval '${heard} hours' from manager where ${of}`);
    }
    const planned = await sweep(world.storage, { auditMs, wait: true, dryRun: true });
    const swept = await sweep(world.storage, { auditMs, wait: true });
    assert.deepEqual([planned?.managers, swept?.managers], [2, 2]);
    const left = table.filter(([, , , , goes]) => !goes).map(([systemId]) => systemId);
    const names = (await world.managersOf(id)).map(({ systemId }) => systemId);
    assert.deepEqual(names, [...left, "young"].sort());
    const contacts = await world.storage.db
      .selectFrom("manager_contact")
      .select("system_id")
      .orderBy("system_id")
      .execute();
    assert.deepEqual(
      contacts.map((row) => row.system_id),
      ["heard", "with-token"],
    );
  });
});
