import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { Inquiry } from "../../../src/credentials/identifier.ts";
import { testIdentifier, type TestIdentifier } from "../../credentials/support/identifier.ts";
import { openStorage, type Storage } from "../../../src/storage/database.ts";
import { createPostgresDatabase } from "../../support/database.ts";
import { host1, host2, keyring, openTasks, snapshot, type TestTasks } from "./support.ts";

/** A process: its own connections, and an identifier that knows nothing yet. */
interface Process {
  readonly storage: Storage;
  readonly tasks: TestTasks;
  readonly ask: (token: string, changes?: Partial<Inquiry>) => Promise<string>;
}

describe("tokens of tasks, shown to processes that have just started", () => {
  let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
  const started: Storage[] = [];
  before(async () => {
    database = await createPostgresDatabase();
  });
  after(async () => {
    for (const storage of started) await storage.close();
    await database.remove();
  });

  const startProcess = async (): Promise<Process> => {
    const storage = await openStorage(database.choice);
    started.push(storage);
    const { identifier }: TestIdentifier = testIdentifier(storage, { keyring });
    await identifier.start();
    const ask = async (token: string, changes: Partial<Inquiry> = {}) => {
      const inquiry: Inquiry = {
        ...{ token, accepts: new Set(["task"] as const), audience: "cache", source: "" },
        freshness: "strict",
        ...changes,
      };
      const verdict = await identifier.identify(inquiry, () => snapshot);
      if (verdict.kind === "good") return `good for ${verdict.use}`;
      return verdict.kind === "refused" ? `refused: ${verdict.why}` : verdict.kind;
    };
    return { storage, tasks: openTasks(storage), ask };
  };

  it("are good after a restart, minted and brought ones, as long as somebody holds the task (AH14, A16, A36)", async () => {
    const first = await startProcess();
    const brought = randomUUID();
    const holdId = randomUUID();
    const { task, token = "" } = await first.tasks.register(host1, { holdId });
    await first.tasks.register(host2, { taskId: task.id, holdId, token: brought });
    assert.equal(await first.ask(token), "good for all");
    await first.storage.close();

    const second = await startProcess();
    const both = async (of: Process, changes?: Partial<Inquiry>) => [
      await of.ask(token, changes),
      await of.ask(brought, changes),
    ];
    assert.deepEqual(await both(second), ["good for all", "good for all"]);
    await second.tasks.release(host1, task.id, holdId);
    assert.deepEqual(await both(second), ["good for all", "good for all"]);
    await second.tasks.release(host2, task.id, holdId);
    const stopped = ["not_active", "not_active"];
    assert.deepEqual(await both(second), stopped);
    const report = { wantPermission: "fleetgate.tasks.report" };
    assert.deepEqual(await both(second, report), ["good for report", "good for report"]);
    const third = await startProcess();
    assert.deepEqual(await both(third), stopped);
    await third.tasks.register(host1, { taskId: task.id });
    assert.deepEqual(await both(third), ["good for all", "good for all"]);
    await third.tasks.end(host1, task.id);
    assert.deepEqual(await both(second), stopped);
  });

  it("know at once what another process replaced", async () => {
    const [one, two] = [await startProcess(), await startProcess()];
    const said = { taskId: "replaced", holdId: randomUUID() };
    const { token: old = "" } = await one.tasks.register(host1, said);
    assert.equal(await two.ask(old), "good for all");
    const { token = "" } = await one.tasks.register(host1, said);
    assert.deepEqual(
      [await two.ask(old), await two.ask(token)],
      ["refused: revoked", "good for all"],
    );
  });

  it("end at their deadline, say so for a day, and lease by lease", async () => {
    const { tasks, ask } = await startProcess();
    const { task, token = "" } = await tasks.register(host1, {
      ...{ timeLimitMs: 900_000, leaseMs: 60_000 },
    });
    await tasks.pass(task.id, 60_000);
    assert.equal(await ask(token), "not_active", "the lease ran out");
    await tasks.register(host2, { taskId: task.id, leaseMs: 3_600_000 });
    assert.equal(await ask(token), "good for all");
    await tasks.pass(task.id, 840_000);
    const report = { wantPermission: "fleetgate.tasks.report" };
    assert.deepEqual(
      [await ask(token), await ask(token, report)],
      ["not_active", "good for report"],
    );
    await tasks.pass(task.id, 300_000);
    assert.deepEqual([await ask(token), await ask(token, report)], ["not_active", "not_active"]);
  });
});
