import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import { inCredentialTransaction } from "../../../src/storage/credential/transaction.ts";
import { tryOverdueLock } from "../../../src/storage/credential/overdue-tasks.ts";
import { onPostgres, useDatabase } from "../../support/database.ts";
import { host1, host2, openTasks, root, type TestTasks } from "./support.ts";

onPostgres((_name, open) => {
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  describe("the periodic step", () => {
    it("ends tasks at their deadline, with their holds and all that was signed for them (U31)", async () => {
      const { task } = await tasks.register(host1, { timeLimitMs: 60_000, leaseMs: 3_600_000 });
      const { task: other } = await tasks.register(host1, {
        ...{ timeLimitMs: 3_600_000, leaseMs: 3_600_000 },
      });
      await tasks.pass(task.id, 60_000);
      await tasks.pass(other.id, 60_000);
      assert.deepEqual(
        [await tasks.use(task.id), await tasks.use(other.id)],
        ["report", "all"],
        "dead at the instant, before anybody wrote it down",
      );
      const seen = await tasks.get(root, task.id);
      assert.deepEqual([seen.state, seen.isOverdue], ["timed_out", true]);
      assert.deepEqual(await tasks.overdue(), { timedOut: 1, leasesExpired: 0 });
      const after = await tasks.get(root, task.id);
      assert.deepEqual(
        [after.state, after.isOverdue, after.epoch, after.version, after.holds],
        ["timed_out", false, 1n, 2n, 0],
      );
      assert.equal(
        after.reportUntil,
        seen.reportUntil,
        "what may be reported until then, may still",
      );
      const event = { credential_id: null, realm: "acme:ci", version: 2n, shrinks: true };
      assert.deepEqual(await tasks.events(task.uid), [event]);
      assert.deepEqual(
        (await tasks.audit(task.id)).map(({ event, caller }) => [event, caller]).at(-1),
        ["timed_out", null],
      );
      assert.ok(tasks.known.includes(task.uid));
      assert.deepEqual(await tasks.overdue(), { timedOut: 0, leasesExpired: 0 });
    });

    it("says of leases that they ran out, and of a task that nobody holds it any more (U30, AH5)", async () => {
      const holdId = randomUUID();
      const { task } = await tasks.register(host1, { leaseMs: 20_000, holdId });
      await tasks.register(host2, { taskId: task.id, leaseMs: 300_000 });
      await tasks.pass(task.id, 20_000);
      assert.deepEqual(await tasks.overdue(), { timedOut: 0, leasesExpired: 1 });
      const last = (await tasks.audit(task.id)).at(-1);
      assert.deepEqual(
        [last?.event, last?.detail],
        ["lease_expired", { hold_id: holdId, holder: "service:host1" }],
      );
      assert.deepEqual(await tasks.events(task.uid), [], "somebody holds it still");
      await tasks.pass(task.id, 280_000);
      assert.equal(await tasks.use(task.id), "report");
      assert.deepEqual(await tasks.overdue(), { timedOut: 0, leasesExpired: 1 });
      const event = { credential_id: null, realm: "acme:ci", version: 2n, shrinks: true };
      assert.deepEqual(await tasks.events(task.uid), [event]);
      assert.equal((await tasks.get(root, task.id)).state, "running");
      await tasks.register(host2, { taskId: task.id });
      assert.equal(await tasks.use(task.id), "all", "a host that takes it up again gives it life");
    });

    it("goes on until nothing is left, batch by batch", async () => {
      const ids = [];
      for (let count = 0; count < 5; count += 1) {
        ids.push((await tasks.register(host1, { timeLimitMs: 60_000 })).task.id);
        ids.push((await tasks.register(host1, { leaseMs: 60_000 })).task.id);
      }
      for (const id of ids) await tasks.pass(id, 60_000);
      assert.deepEqual(await tasks.overdue(2), { timedOut: 5, leasesExpired: 5 });
    });
  });
});

describe("the periodic step beside others", () => {
  const open = useDatabase();
  it("leaves the work to the one that has the lock, and passes over tasks that others have locked", async () => {
    const tasks = openTasks(await open());
    const { task } = await tasks.register(host1, { timeLimitMs: 60_000 });
    await tasks.pass(task.id, 60_000);
    const nothing = { timedOut: 0, leasesExpired: 0 };
    await inCredentialTransaction(tasks.storage, "server", async (tx) => {
      assert.equal(await tryOverdueLock(tx), true);
      assert.deepEqual(await tasks.overdue(), nothing);
    });
    await inCredentialTransaction(tasks.storage, "server", async (tx) => {
      await sql`select from subject where uid = ${task.uid} for update`.execute(tx);
      assert.deepEqual(await tasks.overdue(), nothing);
    });
    assert.deepEqual(await tasks.overdue(), { timedOut: 1, leasesExpired: 0 });
  });
});
