import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { createInterface } from "node:readline";
import { openStorage } from "../../../src/storage/database.ts";
import { renewHolds } from "../../../src/commands/task/renew-holds.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { createPostgresDatabase, type TestDatabase } from "../../support/database.ts";
import { host1, host2, openTasks, root, type TestTasks, snapshot } from "./support.ts";

describe("several replicas on one Postgres", () => {
  let database: TestDatabase;
  let url = "";
  let replicas: readonly TestTasks[];
  before(async () => {
    const created = await createPostgresDatabase();
    database = created;
    ({ url } = created.choice);
    replicas = await Promise.all(
      Array.from({ length: 4 }, async () => openTasks(await openStorage(created.choice))),
    );
  });
  after(async () => {
    for (const { storage } of replicas) await storage.close();
    await database.remove();
  });

  const replica = (index: number): TestTasks => replicas[index % 4] ?? assert.fail();

  /** What 32 calls come to, made at once on all replicas. */
  const all32 = async <T>(call: (on: TestTasks, index: number) => Promise<T>) => {
    const calls = Array.from({ length: 32 }, (_, index) => call(replica(index), index));
    const settled = await Promise.allSettled(calls);
    return {
      good: settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
      reasons: settled.flatMap((one) =>
        one.status === "rejected"
          ? [one.reason instanceof DomainError ? one.reason.reason : String(one.reason)]
          : [],
      ),
    };
  };

  it("of 32 first registrations at once one creates the task, and all hold it", async () => {
    const { good, reasons } = await all32((on, index) =>
      on.register(index % 2 === 0 ? host1 : host2, { taskId: "at-once" }),
    );
    assert.deepEqual(reasons, []);
    assert.equal(new Set(good.map(({ task }) => task.uid)).size, 1);
    assert.equal((await replica(0).get(root, "at-once")).holds, 32);
    const events = (await replica(0).audit("at-once")).map(({ event }) => event);
    assert.equal(events.filter((event) => event === "registered").length, 1);
    assert.equal(events.filter((event) => event === "hold_added").length, 31);
  });

  it("of 32 with one hold id one adds it, the others repeat it, and one token is left", async () => {
    const said = { taskId: "repeated", holdId: randomUUID() };
    const { good, reasons } = await all32((on) => on.register(host1, said));
    assert.deepEqual(reasons, []);
    const [first] = good;
    const live = await replica(0)
      .storage.db.selectFrom("credential")
      .select("id")
      .where("subject_uid", "=", first?.task.uid ?? "")
      .where("revoked_at", "is", null)
      .execute();
    assert.equal(live.length, 1);
    assert.ok(good.some(({ credentialId }) => credentialId === live[0]?.id));
    const task = await replica(0).get(root, "repeated");
    assert.deepEqual([task.holds, task.version], [1, 32n]);
  });

  it("of 32 in two realms those of one win, all others are told (U36)", async () => {
    const { good, reasons } = await all32((on, index) =>
      on.register(host2, {
        taskId: "contested",
        realm: index % 2 === 0 ? "acme:ci" : "acme:other",
      }),
    );
    assert.equal(new Set(good.map(({ task }) => task.realm)).size, 1);
    assert.deepEqual([good.length, new Set(reasons)], [16, new Set(["ALREADY_EXISTS"])]);
  });

  it("of 32 tasks that bring one token one gets it", async () => {
    const token = randomUUID();
    const { good, reasons } = await all32((on) => on.register(host1, { token }));
    assert.deepEqual([good.length, reasons.length], [1, 31]);
    assert.deepEqual(new Set(reasons), new Set(["ALREADY_EXISTS"]));
  });

  it("of 32 releases at once each takes its own hold, and the last one ends it (A16, AH3)", async () => {
    const holds = Array.from({ length: 16 }, () => randomUUID());
    const { task } = await replica(0).register(host2, { taskId: "released" });
    for (const holdId of holds) await replica(0).register(host1, { taskId: task.id, holdId });
    const both = await all32((on, index) => on.release(host1, task.id, holds[index % 16] ?? ""));
    assert.deepEqual(both.reasons, []);
    assert.equal((await replica(0).get(root, task.id)).holds, 1);
    assert.equal(await replica(1).use(task.id), "all");
    const released = (await replica(0).audit(task.id)).filter(({ event }) => event === "released");
    assert.equal(released.length, 16, "each once");
  });

  it("a release that crosses its registration wins, whichever is first (AH4)", async () => {
    const said = (index: number) => ({
      taskId: `crossing-${index >> 1}`,
      holdId: `00000000-0000-4000-8000-${String(index >> 1).padStart(12, "0")}`,
    });
    const { reasons } = await all32(async (on, index) => {
      const { taskId, holdId } = said(index);
      if (index % 2 === 0) await on.register(host1, { taskId, holdId });
      else await on.release(host1, taskId, holdId);
    });
    assert.deepEqual(new Set([...reasons, "HOLD_RELEASED"]), new Set(["HOLD_RELEASED"]));
    for (let index = 0; index < 32; index += 2) {
      assert.notEqual(await replica(0).use(said(index).taskId), "all");
    }
  });

  it("an end beats whatever crosses it (U38)", async () => {
    const holdId = randomUUID();
    const { task } = await replica(0).register(host1, { taskId: "crossed", holdId });
    const { reasons } = await all32(async (on, index) => {
      if (index === 9) return on.end(host1, task.id, "canceled");
      if (index % 3 === 0) return void (await on.register(host2, { taskId: task.id }));
      if (index % 3 === 1) return void (await on.renew(host1, task.id, holdId));
      return void (await on.setState(host1, task.id, "canceling"));
    });
    assert.deepEqual(new Set([...reasons, "ILLEGAL_TRANSITION"]), new Set(["ILLEGAL_TRANSITION"]));
    const after = await replica(1).get(root, task.id);
    assert.deepEqual([after.state, after.holds, after.epoch], ["canceled", 0, 1n]);
    assert.equal((await replica(2).renew(host1, task.id, holdId))?.leaseUntil, undefined);
  });

  it("heartbeats that cross do not get in each other's way", async () => {
    const names: { taskId: string; holdId: string }[] = [];
    for (let index = 0; index < 8; index += 1) {
      const hold = { taskId: `beat-${index}`, holdId: randomUUID() };
      await replica(0).register(host1, hold);
      names.push(hold);
    }
    const { good, reasons } = await all32((on, index) =>
      renewHolds(on.deps, snapshot, host1, {
        holds: index % 2 === 0 ? names : names.toReversed(),
        leaseMs: undefined,
      }),
    );
    assert.deepEqual(reasons, []);
    assert.ok(good.flat().every(({ leaseUntil }) => leaseUntil !== undefined));
  });

  it("the leases of a host that was killed end by themselves (AH5, U30)", async () => {
    const taskId = "orphan";
    const program = new URL("./host-process.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, ["--no-warnings", program, url, taskId], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines: string[] = [];
    const output = createInterface({ input: child.stdout });
    for await (const line of output) {
      lines.push(line);
      if (lines.length === 5) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    assert.equal(child.signalCode, "SIGKILL");
    const tasks = replica(0);
    assert.equal(await tasks.use(taskId), "all", "its last lease is still live");
    await tasks.pass(taskId, 10_000);
    assert.equal(await tasks.use(taskId), "report");
    await tasks.overdue();
    assert.equal((await tasks.audit(taskId)).at(-1)?.event, "lease_expired");
  });
});
