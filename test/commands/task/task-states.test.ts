import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import {
  finalTaskStates,
  taskStates,
  type TaskState,
} from "../../../src/domain/credential/task-states.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import {
  host1,
  host2,
  manager,
  openTasks,
  outsider,
  root,
  stranger,
  taskActor,
  type TestTasks,
} from "./support.ts";

const ends: readonly TaskState[] = ["succeeded", "failed", "canceled", "timed_out"];

/** What saying each state comes to in each: the state after it, or that it is refused. */
const table: Readonly<
  Record<TaskState, Readonly<Record<"running" | "canceling", TaskState | "illegal">>>
> = {
  awaiting_ack: { running: "running", canceling: "canceling" },
  running: { running: "running", canceling: "canceling" },
  canceling: { running: "illegal", canceling: "canceling" },
  succeeded: { running: "succeeded", canceling: "succeeded" },
  failed: { running: "failed", canceling: "failed" },
  canceled: { running: "canceled", canceling: "canceled" },
  timed_out: { running: "timed_out", canceling: "timed_out" },
};

/** What a token is good for in each state, held and before the deadline, and later. */
const uses: Readonly<Record<TaskState, "all" | "report">> = {
  awaiting_ack: "all",
  running: "all",
  canceling: "report",
  succeeded: "report",
  failed: "report",
  canceled: "report",
  timed_out: "report",
};

describe("on Postgres", () => {
  const open = useDatabase();
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  /** A task of host1 in a state, got there by commands. */
  const taskIn = async (
    state: TaskState,
  ): Promise<{ readonly id: string; readonly uid: string }> => {
    const { task } = await tasks.register(host1, { awaitingAck: state === "awaiting_ack" });
    if (state === "canceling") await tasks.setState(host1, task.id, state);
    if (finalTaskStates.has(state)) await tasks.end(host1, task.id, state);
    return task;
  };

  describe("SetTaskState", () => {
    for (const from of taskStates) {
      for (const to of taskStates) {
        it(`${from} → ${to}`, async () => {
          const { id, uid } = await taskIn(from);
          const before = await tasks.get(host1, id);
          const events = (await tasks.events(uid)).length;
          const setting = tasks.setState(host1, id, to);
          if (to !== "running" && to !== "canceling") {
            await assert.rejects(setting, hasReason("INVALID_FIELD", { field: "state" }));
            return;
          }
          const expected = table[from][to];
          if (expected === "illegal") {
            const metadata = { kind: "task", from, to };
            await assert.rejects(setting, hasReason("ILLEGAL_TRANSITION", metadata));
            assert.equal((await tasks.get(host1, id)).version, before.version);
            return;
          }
          const after = await setting;
          assert.equal(after.state, expected);
          const moved = expected === from ? 0n : 1n;
          assert.deepEqual([after.version, after.epoch], [before.version + moved, before.epoch]);
          assert.deepEqual(
            (await tasks.events(uid)).slice(events),
            moved === 0n
              ? []
              : [
                  {
                    ...{ credential_id: null, realm: "acme:ci", version: after.version },
                    shrinks: to === "canceling",
                  },
                ],
          );
          const last = (await tasks.audit(id)).at(-1);
          if (moved === 1n)
            assert.deepEqual([last?.event, last?.detail], ["task_state", { from, to }]);
        });
      }
    }

    it("is for a holder, a former one, and who manages tasks in the realm; for others there is no such task", async () => {
      const { id } = await taskIn("running");
      const holdId = randomUUID();
      await tasks.register(host2, { taskId: id, holdId });
      await tasks.release(host2, id, holdId);
      for (const who of [host1, host2, manager, root]) await tasks.setState(who, id, "running");
      const metadata = { permission: "fleetgate.tasks.manage" };
      const messages = new Set<string>();
      for (const taskId of [id, `t-${randomUUID()}`]) {
        for (const who of [stranger, outsider, taskActor(randomUUID(), id)]) {
          const setting = tasks.setState(who, taskId, "canceling");
          await assert.rejects(setting, hasReason("PERMISSION_REQUIRED", metadata));
          messages.add(await setting.catch((error: unknown) => String(error)).then(String));
        }
      }
      assert.equal(messages.size, 1);
      const unknown = tasks.setState(root, "no-such-task", "canceling");
      await assert.rejects(unknown, hasReason("NOT_FOUND", { kind: "task" }));
    });

    it("lets the task itself say that it begins, by its token, and no more", async () => {
      const { id, uid } = await taskIn("awaiting_ack");
      const itself = taskActor(uid, id);
      const forbidden = hasReason("PERMISSION_REQUIRED");
      await assert.rejects(tasks.setState(itself, "", "canceling"), forbidden);
      assert.equal((await tasks.setState(itself, "", "running")).state, "running");
      assert.equal((await tasks.setState(itself, id, "running")).state, "running");
      const other = await taskIn("awaiting_ack");
      await assert.rejects(tasks.setState(itself, other.id, "running"), forbidden);
      const former = taskActor(randomUUID(), id);
      await assert.rejects(tasks.setState(former, "", "running"), forbidden);
      await assert.rejects(
        tasks.setState(host1, "", "running"),
        hasReason("INVALID_FIELD", { field: "task_id" }),
      );
    });

    it("lets a task manage others only as far as its token goes (U34)", async () => {
      const { id } = await taskIn("running");
      const limited = taskActor(randomUUID(), "boss");
      await assert.rejects(
        tasks.setState(limited, id, "canceling"),
        hasReason("PERMISSION_REQUIRED"),
      );
      const boss = taskActor(randomUUID(), "boss", ["fleetgate.tasks.manage"]);
      const stopped = taskActor(randomUUID(), "boss", ["fleetgate.tasks.manage"], "report");
      const refused = hasReason("PERMISSION_REQUIRED");
      await assert.rejects(tasks.setState(stopped, id, "canceling"), refused, "U32");
      await assert.rejects(tasks.get(stopped, id), refused, "U32");
      assert.equal((await tasks.setState(boss, id, "canceling")).state, "canceling");
    });
  });

  describe("EndTask", () => {
    for (const from of taskStates) {
      for (const to of ends) {
        it(`${from} → ${to}`, async () => {
          const { id, uid } = await taskIn(from);
          const before = await tasks.get(host1, id);
          const events = (await tasks.events(uid)).length;
          assert.equal(await tasks.end(host1, id, to), undefined);
          const after = await tasks.get(host1, id);
          const wasOver = finalTaskStates.has(from);
          assert.equal(after.state, wasOver ? from : to);
          assert.equal(
            after.epoch - before.epoch,
            wasOver ? 0n : 1n,
            "URLs signed for it die once",
          );
          assert.equal(after.holds, 0);
          const told = (await tasks.events(uid)).slice(events).map(({ shrinks }) => shrinks);
          assert.deepEqual(told, wasOver ? [] : [true]);
        });
      }
    }

    it("beats all holds, and leaves 5 minutes to report (U38, U33, A16, L31)", async () => {
      const { task } = await tasks.register(host1);
      await tasks.register(host2, { taskId: task.id, leaseMs: 3_600_000 });
      await tasks.end(host1, task.id, "failed");
      const after = await tasks.get(host1, task.id);
      const left = after.reportUntil - after.at;
      assert.ok(left > 290_000 && left <= 300_000, String(left));
      assert.equal(await tasks.use(task.id), "report");
      await tasks.pass(task.id, 300_000);
      assert.equal(await tasks.use(task.id), "none");
      assert.deepEqual(
        (await tasks.audit(task.id))
          .filter(({ event }) => event === "ended")
          .map(({ detail }) => detail),
        [{ state: "failed", was: "running" }],
      );
    });

    it("does not make a task that timed out end otherwise, or later", async () => {
      const { task } = await tasks.register(host1, { timeLimitMs: 60_000 });
      await tasks.pass(task.id, 90_000);
      await tasks.end(host1, task.id, "succeeded");
      const after = await tasks.get(host1, task.id);
      assert.deepEqual(
        [after.state, after.reportUntil - after.deadline, after.isOverdue],
        ["timed_out", 300_000, false],
      );
      assert.deepEqual(
        (await tasks.audit(task.id)).slice(2).map(({ event, caller }) => [event, caller]),
        [["timed_out", null]],
      );
    });

    it("is OK for a task that is not known any more, to who has held it or may end all", async () => {
      const { task } = await tasks.register(host1);
      await tasks.end(host1, task.id);
      await tasks.storage.db
        .updateTable("subject")
        .set({ deleted_at: new Date() })
        .where("uid", "=", task.uid)
        .execute();
      await tasks.end(host1, task.id);
      await tasks.end(root, task.id);
      const forbidden = hasReason("PERMISSION_REQUIRED");
      for (const who of [manager, host2, stranger]) {
        await assert.rejects(tasks.end(who, task.id), forbidden);
      }
      // Its id is free: what comes under it is another task (U49).
      const { task: anew } = await tasks.register(host2, { taskId: task.id });
      assert.notEqual(anew.uid, task.uid);
      await assert.rejects(tasks.end(host1, task.id), forbidden);
      await assert.rejects(tasks.get(taskActor(task.uid, task.id), ""), forbidden);
    });

    it("is for holders and who manages tasks; for others there is no such task", async () => {
      const { id } = await taskIn("running");
      for (const taskId of [id, `t-${randomUUID()}`]) {
        for (const who of [stranger, outsider, host2]) {
          await assert.rejects(tasks.end(who, taskId), hasReason("PERMISSION_REQUIRED"));
        }
      }
      await tasks.end(manager, id);
    });

    it("wants a final state", async () => {
      const { id } = await taskIn("running");
      for (const state of ["awaiting_ack", "running", "canceling"] as const) {
        const ending = tasks.end(host1, id, state);
        await assert.rejects(ending, hasReason("INVALID_FIELD", { field: "state" }));
      }
    });
  });

  describe("GetTask", () => {
    it("is for holders, who manages tasks, and the task itself; nobody else learns of any task by it (L19, L21, LH1)", async () => {
      const { id, uid } = await taskIn("running");
      for (const who of [host1, manager, root, taskActor(uid, id)]) {
        assert.equal((await tasks.get(who, id)).uid, uid);
      }
      assert.equal((await tasks.get(taskActor(uid, id), "")).uid, uid);
      const messages = new Set<string>();
      for (const taskId of [id, `t-${randomUUID()}`]) {
        for (const who of [stranger, host2, taskActor(randomUUID(), "boss")]) {
          const reading = tasks.get(who, taskId);
          await assert.rejects(reading, hasReason("PERMISSION_REQUIRED"));
          messages.add(await reading.then(String, String));
        }
      }
      assert.equal(messages.size, 1);
    });
  });

  it("a token is good for what the state of its task says (U32)", async () => {
    for (const state of taskStates) {
      assert.equal(await tasks.use((await taskIn(state)).id), uses[state], state);
    }
  });
});
