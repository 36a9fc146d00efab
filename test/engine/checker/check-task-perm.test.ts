import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Identity } from "../../../src/domain/identity.ts";
import { swarmingPermissions } from "../../../src/domain/permissions.ts";
import { checkTaskPerm, type TaskInfo } from "../../../src/engine/checker/check-task-perm.ts";
import { assertDenied, assertPermitted, bind, bots, id, pool, realm, world } from "../world.ts";
import { admin, ann, bob, fleetWorld, getTask } from "./fleet-world.ts";

const cancelTask = "swarming.tasks.cancel";
const snapshot = fleetWorld();

function task(parts: Partial<TaskInfo> = {}): TaskInfo {
  return { taskId: "t1", realm: "", pool: "", botId: "", submitter: "", ...parts };
}

describe("checkTaskPerm", () => {
  const cases: readonly (readonly [string, Partial<TaskInfo>, boolean])[] = [
    ["the submitter of the task", { submitter: "user:ann@x.com" }, true],
    ["another submitter", { submitter: "user:bob@x.com" }, false],
    ["a submitter in other letters", { submitter: "user:Ann@x.com" }, false],
    ["a task of which nothing is known", {}, false],
    ["a task in a realm that gives the task permission", { realm: "p:tasks" }, true],
    ["a task in a realm that gives only the twin", { realm: "p:open" }, false],
    ["a task in a realm that gives nothing", { realm: "p:closed" }, false],
    ["a task in a pool that gives the twin", { pool: "open" }, true],
    ["a task in a pool that gives nothing", { pool: "closed" }, false],
    ["a task in an unknown pool", { pool: "gone" }, false],
    ["a task on a bot in a pool that gives the twin", { botId: "open-bot" }, true],
    ["a task on a bot of which one pool of several does", { botId: "mixed-bot" }, true],
    ["a task on a bot in a pool that gives nothing", { botId: "closed-bot" }, false],
    ["a task on an unknown bot", { botId: "gone-bot" }, false],
    [
      "a pool that denies, although the bot would permit",
      { pool: "closed", botId: "open-bot" },
      false,
    ],
    ["an unknown pool, although the bot would permit", { pool: "gone", botId: "open-bot" }, false],
    [
      "a pool that permits, although the bot would deny",
      { pool: "open", botId: "closed-bot" },
      true,
    ],
    ["a realm that denies and a pool that permits", { realm: "p:closed", pool: "open" }, true],
    ["a realm that permits and a pool that denies", { realm: "p:tasks", pool: "closed" }, true],
    [
      "everything that denies at once",
      { submitter: "user:bob@x.com", realm: "p:closed", pool: "closed", botId: "closed-bot" },
      false,
    ],
  ];
  for (const [name, parts, allowed] of cases) {
    it(`${allowed ? "permits" : "denies"} ann ${name}`, () => {
      const decision = checkTaskPerm(snapshot, ann, getTask, task(parts));
      if (allowed) assertPermitted(decision);
      else {
        const message = `Permission "${getTask}" denied for "${ann}" on task "t1"`;
        assertDenied(decision, message, { caller: ann, permission: getTask, task: "t1" });
      }
    });
  }

  it("permits what the server level gives for the permission on tasks", () => {
    assertPermitted(checkTaskPerm(snapshot, admin, getTask, task({ pool: "gone" })));
    assertPermitted(checkTaskPerm(snapshot, admin, cancelTask, task()));
  });

  it("lets an empty submitter match nobody, not even a caller without a name", () => {
    const nameless = "" as Identity;
    assert.equal(checkTaskPerm(snapshot, nameless, getTask, task()).permitted, false);
  });

  it("lets anonymous callers own what anonymous callers submitted", () => {
    const anonymous = id("anonymous:anonymous");
    assertPermitted(checkTaskPerm(snapshot, anonymous, cancelTask, task({ submitter: anonymous })));
  });

  it("does not take the task permission in the realm of a pool for the twin", () => {
    const other = world({
      realms: [realm("p:r", bind(getTask, [bob]))],
      pools: [pool("pool", "p:r")],
      botGroups: [bots("default", { pools: ["pool"] })],
    });
    for (const parts of [{ pool: "pool" }, { botId: "b" }]) {
      assert.equal(checkTaskPerm(other, bob, getTask, task(parts)).permitted, false);
    }
    assertPermitted(checkTaskPerm(other, bob, getTask, task({ realm: "p:r" })));
  });

  it("asks for cancelTask in pools when the permission is to cancel", () => {
    const other = world({
      realms: [
        realm("p:cancel", bind("swarming.pools.cancelTask", [bob])),
        realm("p:list", bind("swarming.pools.listTasks", [bob])),
      ],
      pools: [pool("cancel", "p:cancel"), pool("list", "p:list")],
    });
    assertPermitted(checkTaskPerm(other, bob, cancelTask, task({ pool: "cancel" })));
    assertPermitted(checkTaskPerm(other, bob, getTask, task({ pool: "list" })));
    assert.equal(checkTaskPerm(other, bob, cancelTask, task({ pool: "list" })).permitted, false);
    assert.equal(checkTaskPerm(other, bob, getTask, task({ pool: "cancel" })).permitted, false);
  });

  it("falls back to the root of the project for a realm that is not defined", () => {
    const other = world({ realms: [realm("p:@root", bind(getTask, [bob]))] });
    assertPermitted(checkTaskPerm(other, bob, getTask, task({ realm: "p:any" })));
  });

  it("refuses every permission that is not one on tasks, even from submitters and admins", () => {
    for (const permission of [...swarmingPermissions, "a.b.c"]) {
      if (permission === getTask || permission === cancelTask) continue;
      assert.throws(
        () => checkTaskPerm(snapshot, admin, permission, task({ submitter: admin })),
        { reason: "INVALID_FIELD" },
        permission,
      );
    }
  });
});
