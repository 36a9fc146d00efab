import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import { hashSecret } from "../../../src/commands/api-key.ts";
import { forEachBackend } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import {
  actor,
  bot,
  host1,
  host2,
  openTasks,
  outsider,
  root,
  stranger,
  taskActor,
  type TestTasks,
} from "./support.ts";

forEachBackend((_name, open) => {
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  const credential = async (id: string) =>
    tasks.storage.db
      .selectFrom("credential")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirstOrThrow();

  describe("RegisterTask", () => {
    it("creates the task, its credential and the hold at its first registration (A13)", async () => {
      const { task, token, credentialId, leaseUntil } = await tasks.register(host1, {
        ...{ taskId: "first", permissions: ["a.b.d", "a.b.c", "a.b.d"], audiences: ["cache"] },
        ...{ ref: "refs/heads/x", defaultRef: "refs/heads/main", pool: "p", botId: "b7" },
        ...{ timeLimitMs: 600_000, leaseMs: 20_000 },
      });
      const parts = parseBearerToken(token ?? "") ?? assert.fail();
      assert.deepEqual([parts.kind, parts.id], ["tk", credentialId]);
      const row = await credential(credentialId);
      assert.deepEqual(Buffer.from(row.secret_hash ?? []), hashSecret(parts.secret));
      assert.deepEqual(row.permissions, ["a.b.c", "a.b.d", "fleetgate.tasks.report"]);
      assert.deepEqual(
        [row.kind, row.subject_uid, row.generation, row.audiences, row.issued_by],
        ["task", task.uid, 1, ["cache"], "service:host1"],
      );
      assert.deepEqual(row.expires_at.getTime(), task.reportUntil);
      const { uid: _, at, deadline, reportUntil, heldUntil, ...facts } = task;
      assert.deepEqual(facts, {
        ...{ id: "first", realm: "acme:ci", pool: "p", botId: "b7", state: "running" },
        ...{ isOverdue: false, trust: "trusted", ref: "refs/heads/x", generation: 1, epoch: 0n },
        ...{ defaultRef: "refs/heads/main", delegatedUser: undefined, dependencies: [] },
        ...{ version: 1n, holds: 1 },
      });
      assert.equal(reportUntil - deadline, 300_000, "U33");
      assert.ok(deadline <= at + 600_000 && deadline > at + 590_000);
      assert.equal(heldUntil, leaseUntil);
      assert.ok(leaseUntil <= at + 20_000 && leaseUntil > at + 10_000);
      assert.deepEqual(await tasks.events(task.uid), [], "nobody may do less than before");
      const audit = (await tasks.audit("first")).map((row) => [row.event, row.credential_id]);
      assert.deepEqual(audit, [
        ["issued", credentialId],
        ["registered", credentialId],
      ]);
      assert.ok(tasks.known.includes(task.uid), "U25");
    });

    it("adds the hold of another host, and keeps what the first one said", async () => {
      const first = await tasks.register(host1, { taskId: "two", permissions: ["a.b.c", "a.b.d"] });
      const second = await tasks.register(host2, {
        ...{ taskId: "two", permissions: ["a.b.d", "a.b.e"], trust: "untrusted", ref: "r" },
        ...{ timeLimitMs: undefined, pool: "other", awaitingAck: true },
      });
      const { holds, heldUntil: _h, at: _a, ...kept } = second.task;
      const { holds: one, heldUntil: _i, at: _b, ...former } = first.task;
      assert.deepEqual([one, holds], [1, 2]);
      assert.deepEqual(kept, former);
      const { permissions } = await credential(second.credentialId);
      assert.deepEqual(permissions, ["a.b.d", "fleetgate.tasks.report"], "U34: never more");
      const third = await tasks.register(host2, { taskId: "two", permissions: ["a.b.c", "a.b.e"] });
      assert.deepEqual(
        (await credential(third.credentialId)).permissions,
        ["a.b.c", "fleetgate.tasks.report"],
        "no more than the first, but not only what the second had",
      );
      assert.deepEqual(await tasks.events(first.task.uid), []);
    });

    const audiences: readonly [string[], string[], string[] | undefined][] = [
      [[], [], []],
      [[], ["a"], ["a"]],
      [["a"], [], ["a"]],
      [["a", "b"], ["b", "c"], ["b"]],
      [["a"], ["b"], undefined],
    ];
    const text = (list: readonly string[] | undefined) => JSON.stringify(list ?? "nothing");
    for (const [first, asked, given] of audiences) {
      it(`gives a later token ${text(given)} of audiences when the first has ${text(first)} and it asks for ${text(asked)}`, async () => {
        const { task } = await tasks.register(host1, { audiences: first });
        const registering = tasks.register(host1, { taskId: task.id, audiences: asked });
        if (given === undefined) {
          await assert.rejects(registering, hasReason("INVALID_FIELD", { field: "audiences" }));
          return;
        }
        assert.deepEqual((await credential((await registering).credentialId)).audiences, given);
      });
    }

    it("answers the same to the same hold, with a fresh token for the one that dies", async () => {
      const said = { taskId: "again", holdId: randomUUID() };
      const first = await tasks.register(host1, said);
      await tasks.register(host2, said);
      const again = await tasks.register(host1, said);
      assert.equal(again.task.holds, 2);
      assert.notEqual(again.token, first.token);
      const old = await credential(first.credentialId);
      assert.deepEqual(
        [old.revoke_reason, old.replaced_by, old.version],
        ["replaced", again.credentialId, 2n],
      );
      const rows = await tasks.storage.db
        .selectFrom("credential")
        .select(["id", "issued_by"])
        .where("subject_uid", "=", first.task.uid)
        .where("revoked_at", "is", null)
        .orderBy("issued_by")
        .execute();
      assert.deepEqual(
        rows.map((row) => row.issued_by),
        ["service:host1", "service:host2"],
        "the other host has the same hold id, and keeps its token (U37)",
      );
      assert.deepEqual(await tasks.events(first.task.uid), [
        { credential_id: first.credentialId, realm: "acme:ci", version: 2n, shrinks: false },
      ]);
      const { lease_until: lease } = await tasks.storage.db
        .selectFrom("hold")
        .select("lease_until")
        .where("task_id", "=", "again")
        .where("holder", "=", "service:host1")
        .executeTakeFirstOrThrow();
      assert.equal(lease?.getTime(), again.leaseUntil);
    });

    it("takes a user for one host, however the name is written: it has one hold, and one token", async () => {
      const said = { holdId: randomUUID() };
      const first = await tasks.register(root, said);
      const again = await tasks.register(actor("user:Root@Example.com"), {
        ...said,
        taskId: first.task.id,
      });
      assert.equal(again.task.holds, 1);
      assert.equal((await credential(first.credentialId)).replaced_by, again.credentialId);
      const third = await tasks.register(root, { ...said, taskId: first.task.id });
      assert.equal((await credential(again.credentialId)).replaced_by, third.credentialId);
    });

    it("never makes a lease shorter, and ends it with the task (U31)", async () => {
      const said = { taskId: "leases", holdId: randomUUID(), timeLimitMs: 120_000 };
      const first = await tasks.register(host1, { ...said, leaseMs: 100_000 });
      const again = await tasks.register(host1, { ...said, leaseMs: 10_000 });
      assert.equal(again.leaseUntil, first.leaseUntil);
      const long = await tasks.register(host1, { ...said, leaseMs: 3_600_000 });
      assert.equal(long.leaseUntil, first.task.deadline);
    });

    it("waits for the task to say that it began, if so asked", async () => {
      const { task } = await tasks.register(host1, { awaitingAck: true });
      assert.equal(task.state, "awaiting_ack");
      assert.equal(await tasks.use(task.id), "all");
    });

    it("has a bot execute its own tasks only", async () => {
      const { task } = await tasks.register(bot);
      assert.equal(task.botId, "b1");
      assert.equal((await tasks.register(bot, { botId: "b1" })).task.botId, "b1");
      await assert.rejects(
        tasks.register(bot, { botId: "b2" }),
        hasReason("INVALID_FIELD", { field: "bot_id" }),
      );
      assert.equal((await tasks.register(host1, { botId: "b2" })).task.botId, "b2");
    });

    it("is ALREADY_EXISTS in another realm, and the task stays where it is (U36, A14, AH6)", async () => {
      const { task } = await tasks.register(host1, { taskId: "realms" });
      const elsewhere = tasks.register(outsider, { taskId: "realms", realm: "acme:other" });
      await assert.rejects(
        elsewhere,
        hasReason("ALREADY_EXISTS", { kind: "task", name: "realms" }),
      );
      const after = await tasks.get(root, "realms");
      assert.deepEqual([after.uid, after.realm, after.holds], [task.uid, "acme:ci", 1]);
    });

    it("refuses an empty realm, one that is not defined, and one where the peer may not (U36, AH7, AH8)", async () => {
      const said = { taskId: "nowhere" };
      for (const realm of ["", "acme", "acme:"]) {
        const registering = tasks.register(host1, { ...said, realm });
        await assert.rejects(registering, hasReason("INVALID_FIELD", { field: "realm" }));
      }
      // The root of the project lets this host register tasks, but there is no such realm.
      await assert.rejects(
        tasks.register(host1, { ...said, realm: "acme:none" }),
        hasReason("INVALID_FIELD", { field: "realm" }),
      );
      const metadata = { permission: "fleetgate.tasks.register" };
      for (const realm of ["acme:ci", "acme:none", "nothing:none"]) {
        const registering = tasks.register(stranger, { ...said, realm });
        await assert.rejects(registering, hasReason("PERMISSION_REQUIRED", metadata));
      }
      await assert.rejects(tasks.get(root, "nowhere"), hasReason("NOT_FOUND"));
    });

    it("tells no stranger what else is wrong", async () => {
      const registering = tasks.register(stranger, { taskId: "?", holdId: "?", trust: undefined });
      await assert.rejects(registering, hasReason("PERMISSION_REQUIRED"));
    });

    it("takes no token of a task, whatever its realm gives it", async () => {
      const boss = taskActor(randomUUID(), "boss");
      await assert.rejects(tasks.register(boss), hasReason("PERMISSION_REQUIRED"));
    });

    it("refuses a session that ended a moment ago, whatever was remembered of it", async () => {
      const record = taskActor(randomUUID(), "x").record ?? assert.fail();
      const gone = actor("bot:b1", { ...record, kind: "session" });
      await assert.rejects(tasks.register(gone), hasReason("CREDENTIAL_REQUIRED"));
    });

    it("does not take up a task that has ended", async () => {
      const said = { taskId: "over", holdId: randomUUID() };
      await tasks.register(host1, said);
      await tasks.end(host1, "over", "failed");
      const metadata = { kind: "task", from: "failed", to: "running" };
      for (const more of [{}, { holdId: randomUUID() }]) {
        const registering = tasks.register(host1, { ...said, ...more });
        await assert.rejects(registering, hasReason("ILLEGAL_TRANSITION", metadata));
      }
    });

    it("does not take up a task whose deadline has passed, even if nobody wrote that down yet (U31)", async () => {
      const { task } = await tasks.register(host1, { timeLimitMs: 60_000 });
      await tasks.pass(task.id, 60_000);
      const metadata = { from: "timed_out" };
      const registering = tasks.register(host2, { taskId: task.id });
      await assert.rejects(registering, hasReason("ILLEGAL_TRANSITION", metadata));
    });

    it("does not revive a hold that was released, or whose lease ran out (AH3, AH5)", async () => {
      const said = { taskId: "holds", holdId: randomUUID() };
      await tasks.register(host2, { taskId: "holds" });
      await tasks.register(host1, said);
      await tasks.release(host1, "holds", said.holdId);
      const metadata = { hold_id: said.holdId };
      await assert.rejects(tasks.register(host1, said), hasReason("HOLD_RELEASED", metadata));
      const other = { taskId: "holds", holdId: randomUUID(), leaseMs: 10_000 };
      await tasks.register(host1, other);
      await tasks.pass("holds", 10_000);
      await assert.rejects(tasks.register(host1, other), hasReason("HOLD_RELEASED"));
      assert.equal((await tasks.register(host1, { taskId: "holds" })).task.holds, 2);
    });

    it("wants a time limit from the first registration only", async () => {
      const said = { taskId: "timeless", timeLimitMs: undefined };
      const field = { field: "time_limit" };
      await assert.rejects(tasks.register(host1, said), hasReason("INVALID_FIELD", field));
      await tasks.register(host1, { taskId: "timeless" });
      await tasks.register(host1, said);
    });

    it("holds a task up to 100 times at once", async () => {
      const { task } = await tasks.register(host1);
      await tasks.storage.db
        .insertInto("hold")
        .values(
          Array.from({ length: 98 }, () => ({
            ...{ task_id: task.id, holder: "service:h", hold_id: randomUUID() },
            ...{ task_uid: task.uid, lease_until: new Date(task.deadline) },
          })),
        )
        .execute();
      const last = { taskId: task.id, holdId: randomUUID() };
      await tasks.register(host1, last);
      const beyond = tasks.register(host2, { taskId: task.id });
      await assert.rejects(beyond, hasReason("LIMIT_EXCEEDED", { limit: "holds" }));
      assert.equal((await tasks.register(host1, last)).task.holds, 100, "a repeat is no more");
    });
  });
});
