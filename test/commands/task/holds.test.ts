import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { maxEarlyReleases } from "../../../src/commands/task/release-hold.ts";
import { maxRenewed, renewHolds } from "../../../src/commands/task/renew-holds.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { bind, realm, world } from "../../engine/world.ts";
import {
  actor,
  host1,
  host2,
  openTasks,
  root,
  snapshot,
  stranger,
  type TestTasks,
} from "./support.ts";

onPostgres((_name, open) => {
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  /** A task that two hosts hold, under the same hold id. */
  const heldByTwo = async () => {
    const said = { taskId: `t-${randomUUID()}`, holdId: randomUUID() };
    const { task } = await tasks.register(host1, { ...said, leaseMs: 60_000 });
    await tasks.register(host2, { ...said, leaseMs: 30_000 });
    return { ...said, uid: task.uid };
  };
  const countHolds = async (taskId: string) =>
    (
      await tasks.storage.db
        .selectFrom("hold")
        .select("hold_id")
        .where("task_id", "=", taskId)
        .execute()
    ).length;

  describe("ReleaseHold", () => {
    it("takes nothing from another holder, whoever chose the same id, and however often (A16, U37, AH3, AH4)", async () => {
      const { taskId, holdId, uid } = await heldByTwo();
      for (let count = 0; count < 3; count += 1) await tasks.release(host1, taskId, holdId);
      const { holds, heldUntil } = await tasks.get(root, taskId);
      assert.equal(holds, 1);
      assert.equal(await tasks.use(taskId), "all");
      const one = { credential_id: null, realm: "acme:ci" };
      assert.deepEqual(
        await tasks.events(uid),
        [{ ...one, version: 2n, shrinks: false }],
        "replicas that know the longer lease are told",
      );
      assert.ok(heldUntil < Infinity);
      await tasks.release(host2, taskId, holdId);
      assert.equal(await tasks.use(taskId), "report");
      assert.deepEqual((await tasks.events(uid)).at(-1), { ...one, version: 3n, shrinks: true });
      assert.deepEqual(
        (await tasks.audit(taskId)).filter(({ event }) => event === "released"),
        ["service:host1", "service:host2"].map((caller, index) => ({
          ...{ event: "released", caller, credential_id: null, reason: null, realm: "acme:ci" },
          detail: { hold_id: holdId, holds: 1 - index },
        })),
      );
    });

    it("tells replicas nothing when a longer lease remains", async () => {
      const { taskId, holdId, uid } = await heldByTwo();
      await tasks.release(host2, taskId, holdId);
      assert.deepEqual(await tasks.events(uid), []);
      assert.equal((await tasks.get(root, taskId)).holds, 1);
    });

    it("keeps a hold from being registered that is not yet: before the task is known, and after (AH4)", async () => {
      const known = (await heldByTwo()).taskId;
      for (const taskId of [`t-${randomUUID()}`, known]) {
        const holdId = randomUUID();
        await tasks.release(host1, taskId, holdId);
        await tasks.release(host1, taskId, holdId);
        const registering = tasks.register(host1, { taskId, holdId });
        await assert.rejects(registering, hasReason("HOLD_RELEASED", { hold_id: holdId }));
        await tasks.register(host2, { taskId, holdId });
        await tasks.register(host1, { taskId });
      }
    });

    it("answers a stranger alike whether there is such a task or not, and stores nothing", async () => {
      const { taskId, holdId } = await heldByTwo();
      for (const id of [taskId, `t-${randomUUID()}`]) {
        assert.equal(await tasks.release(stranger, id, holdId), undefined);
        assert.equal(await countHolds(id), id === taskId ? 2 : 0);
      }
      assert.equal((await tasks.get(root, taskId)).holds, 2);
    });

    it("makes nobody a holder who says it of a task that is none of theirs", async () => {
      const { task } = await tasks.register(host2, { realm: "acme:other" });
      await tasks.release(host1, task.id, randomUUID());
      assert.equal(await countHolds(task.id), 2, "it is stored");
      const forbidden = hasReason("PERMISSION_REQUIRED");
      await assert.rejects(tasks.get(host1, task.id), forbidden);
      await assert.rejects(tasks.end(host1, task.id), forbidden);
      await assert.rejects(tasks.setState(host1, task.id, "canceling"), forbidden);
      const unknown = `t-${randomUUID()}`;
      await tasks.release(host1, unknown, randomUUID());
      await assert.rejects(tasks.end(host1, unknown), forbidden);
    });

    it("has no effect on a lease that ran out, or on a task that has ended", async () => {
      const { taskId, holdId } = await heldByTwo();
      await tasks.pass(taskId, 30_000);
      await tasks.release(host2, taskId, holdId);
      await tasks.end(host1, taskId);
      const version = (await tasks.get(root, taskId)).version;
      await tasks.release(host1, taskId, holdId);
      assert.equal((await tasks.get(root, taskId)).version, version);
      const events = (await tasks.audit(taskId)).map(({ event }) => event);
      assert.ok(!events.includes("released"));
    });

    it("remembers 1,000 holds of one holder, and of each its own", async () => {
      const holder = "service:manager";
      await tasks.storage.db
        .insertInto("hold")
        .values(
          Array.from({ length: maxEarlyReleases - 1 }, (_, index) => ({
            ...{ task_id: `e${index}`, holder, hold_id: randomUUID(), released_at: new Date() },
            ...{ task_uid: null, lease_until: null },
          })),
        )
        .execute();
      const manager = actor(holder);
      const last = { taskId: "e-last", holdId: randomUUID() };
      await tasks.release(manager, last.taskId, last.holdId);
      const beyond = tasks.release(manager, "e-beyond", randomUUID());
      await assert.rejects(beyond, hasReason("LIMIT_EXCEEDED", { limit: "early_releases" }));
      assert.equal(await countHolds("e-beyond"), 0);
      await tasks.release(manager, last.taskId, last.holdId);
      await tasks.release(host1, "e-beyond", randomUUID());
    });

    it("wants a task id and a UUID", async () => {
      const field = (field: string) => hasReason("INVALID_FIELD", { field });
      await assert.rejects(tasks.release(host1, "", randomUUID()), field("task_id"));
      await assert.rejects(tasks.release(host1, "a b", randomUUID()), field("task_id"));
      await assert.rejects(tasks.release(host1, "t", "1"), field("hold_id"));
    });
  });

  describe("RenewHolds", () => {
    it("renews what is live, and tells nobody (AH5, U30)", async () => {
      const { taskId, holdId, uid } = await heldByTwo();
      await tasks.pass(taskId, 20_000);
      const outcome = await tasks.renew(host2, taskId, holdId.toUpperCase(), 40_000);
      const { at } = await tasks.get(root, taskId);
      assert.equal(outcome?.state, "running");
      const left = (outcome.leaseUntil ?? 0) - at;
      assert.ok(left > 30_000 && left <= 40_000, String(left));
      assert.deepEqual(await tasks.events(uid), []);
      assert.deepEqual((await tasks.get(root, taskId)).version, 1n);
      const shorter = await tasks.renew(host2, taskId, holdId, 10_000);
      assert.equal(shorter?.leaseUntil, outcome.leaseUntil, "never shorter");
    });

    it("does not renew what ran out, was released, ended, or is another's", async () => {
      const { taskId, holdId } = await heldByTwo();
      await tasks.pass(taskId, 30_000);
      const dead = { leaseUntil: undefined, state: "running" };
      assert.deepEqual(await tasks.renew(host2, taskId, holdId), dead, "at the very instant");
      await tasks.release(host1, taskId, holdId);
      assert.deepEqual(await tasks.renew(host1, taskId, holdId), dead);
      const nothing = { leaseUntil: undefined, state: undefined };
      assert.deepEqual(await tasks.renew(stranger, taskId, holdId), nothing);
      assert.deepEqual(await tasks.renew(host1, taskId, randomUUID()), nothing);
      const early = randomUUID();
      await tasks.release(host1, taskId, early);
      assert.deepEqual(await tasks.renew(host1, taskId, early), nothing);
      assert.equal(await tasks.use(taskId), "report");
    });

    it("tells the host how far the task is, and never goes beyond its deadline (U31)", async () => {
      const { taskId, holdId } = await heldByTwo();
      await tasks.setState(host2, taskId, "canceling");
      const canceling = await tasks.renew(host1, taskId, holdId, 3_600_000);
      assert.deepEqual(canceling?.state, "canceling");
      assert.equal(canceling.leaseUntil, (await tasks.get(root, taskId)).deadline);
      await tasks.pass(taskId, 3_600_000);
      const over = { leaseUntil: undefined, state: "timed_out" };
      assert.deepEqual(await tasks.renew(host1, taskId, holdId), over);
    });

    it("gives each its outcome, in the order of the request, be it named twice", async () => {
      const live = await heldByTwo();
      const ended = await heldByTwo();
      await tasks.end(host1, ended.taskId, "canceled");
      const unknown = { taskId: "unknown", holdId: randomUUID() };
      const outcomes = await renewHolds(tasks.deps, snapshot, host1, {
        holds: [ended, live, unknown, live],
        leaseMs: undefined,
      });
      assert.deepEqual(
        outcomes.map(({ leaseUntil, state }) => [leaseUntil !== undefined, state]),
        [
          [false, "canceled"],
          [true, "running"],
          [false, undefined],
          [true, "running"],
        ],
      );
    });

    it("lets a hold run out where its host may register tasks no more", async () => {
      const { taskId, holdId } = await heldByTwo();
      const without = world({
        permissions: ["fleetgate.tasks.register"],
        realms: [
          realm("acme:ci"),
          realm("acme:other", bind("fleetgate.tasks.register", ["service:host1"])),
        ],
      });
      const holds = [{ taskId, holdId }];
      const input = { holds, leaseMs: undefined };
      const { heldUntil } = await tasks.get(root, taskId);
      const refused = await renewHolds(tasks.deps, without, host1, input);
      assert.deepEqual(refused, [{ leaseUntil: undefined, state: "running" }]);
      assert.equal((await tasks.get(root, taskId)).heldUntil, heldUntil);
      const [renewed] = await renewHolds(tasks.deps, snapshot, host1, input);
      assert.notEqual(renewed?.leaseUntil, undefined);
    });

    it("takes 1 to 1,000 holds", async () => {
      const hold = { taskId: "t", holdId: randomUUID() };
      const many = (length: number) =>
        renewHolds(tasks.deps, snapshot, host1, {
          holds: Array.from({ length }, () => hold),
          leaseMs: undefined,
        });
      const field = { field: "holds" };
      await assert.rejects(many(0), hasReason("INVALID_FIELD", field));
      await assert.rejects(many(maxRenewed + 1), hasReason("INVALID_FIELD", field));
      assert.equal((await many(maxRenewed)).length, maxRenewed);
    });

    for (const leaseMs of [9_999, 3_600_001, -1, NaN]) {
      it(`takes no lease of ${leaseMs} ms`, async () => {
        await assert.rejects(
          tasks.renew(host1, "t", randomUUID(), leaseMs),
          hasReason("INVALID_FIELD", { field: "lease" }),
        );
      });
    }
  });
});
