import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask } from "./ask.ts";
import type { Question, TaskClaim } from "./question.ts";
import type { World } from "./world.ts";

const groupNames = ["admins", "boot", "priv", "users", "bots", "tasks"] as const;

const world: World = {
  settings: {
    admins_group: "admins",
    bot_bootstrap_group: "boot",
    privileged_users_group: "priv",
    users_group: "users",
    view_all_bots_group: "bots",
    view_all_tasks_group: "tasks",
  },
  groups: groupNames.map((name) => ({ name, members: [`user:${name}@x`] })),
  projects: [
    {
      name: "p",
      realms: [
        {
          name: "@root",
          bindings: [{ role: "role/swarming.poolUser", principals: ["user:root@x"] }],
        },
        {
          name: "pools",
          bindings: [
            { role: "role/swarming.poolViewer", principals: ["user:viewer@x"] },
            { role: "role/swarming.poolOwner", principals: ["user:owner@x"] },
            { role: "role/swarming.taskViewer", principals: ["user:taskless@x"] },
          ],
        },
        {
          name: "tasks",
          bindings: [
            { role: "role/swarming.taskViewer", principals: ["user:seer@x"] },
            { role: "role/swarming.taskTriggerer", principals: ["user:trigger@x"] },
            { role: "role/swarming.poolViewer", principals: ["user:poolless@x"] },
            { role: "role/swarming.taskServiceAccount", principals: ["user:robot@x"] },
          ],
        },
      ],
    },
  ],
  pools: [
    { name: "one", realm: "p:pools" },
    { name: "two", realm: "p:pools" },
    { name: "root", realm: "p:nowhere" },
    { name: "lost", realm: "nowhere:r" },
  ],
  bot_groups: [{ name: "vms", bot_ids: ["vm{1..2}"], pools: ["lost", "one"] }],
};

function permitted(question: Question): boolean {
  const { answer } = ask(world, question);
  assert.ok(answer === "permitted" || answer === "denied", answer);
  return answer === "permitted";
}

describe("ask: server", () => {
  const table: Readonly<Record<string, readonly string[]>> = {
    "swarming.tasks.get": ["admins", "priv", "tasks"],
    "swarming.pools.listTasks": ["admins", "priv", "tasks"],
    "swarming.pools.listBots": ["admins", "priv", "bots"],
    "swarming.pools.createBot": ["admins", "boot"],
    "swarming.tasks.cancel": ["admins"],
    "swarming.pools.cancelTask": ["admins"],
    "swarming.pools.deleteBot": ["admins"],
    "swarming.pools.terminateBot": ["admins"],
    "swarming.pools.createHighPriorityTask": ["admins"],
    "swarming.servers.peek": groupNames,
    "swarming.pools.createTask": [],
    "swarming.tasks.createInRealm": [],
    "swarming.tasks.actAs": [],
    "other.things.get": [],
  };
  for (const [permission, expected] of Object.entries(table)) {
    test(`${permission} is for ${expected.join(", ") || "nobody"}`, () => {
      const held = groupNames.filter((name) =>
        permitted({ check: "server", caller: `user:${name}@x`, permission }),
      );
      assert.deepEqual(held.toSorted(), expected.toSorted());
    });
  }

  test("groups that are not set are the admins group, which is administrators when not set", () => {
    const members = ["user:root@x"];
    const question: Question = {
      check: "server",
      caller: "user:root@x",
      permission: "swarming.pools.listBots",
    };
    const byDefault: World = { groups: [{ name: "administrators", members }] };
    assert.deepEqual(ask(byDefault, question), { answer: "permitted" });
    const bySetting: World = { ...byDefault, settings: { admins_group: "others" } };
    assert.deepEqual(ask(bySetting, question), { answer: "denied" });
  });
});

describe("ask: pools", () => {
  const listTasks = "swarming.pools.listTasks";

  test("a pool is answered by its realm", () => {
    const inOne = (caller: string, permission: string): boolean =>
      permitted({ check: "pool", caller, permission, pool: "one" });
    assert.equal(inOne("user:viewer@x", listTasks), true);
    assert.equal(inOne("user:viewer@x", "swarming.pools.createTask"), false);
    assert.equal(inOne("user:owner@x", "swarming.pools.deleteBot"), true);
    assert.equal(inOne("user:owner@x", "swarming.pools.createTask"), false);
    assert.equal(inOne("user:root@x", "swarming.pools.createTask"), true);
  });

  test("a pool whose realm is not defined is answered by @root, or not at all", () => {
    const permission = "swarming.pools.createTask";
    const caller = "user:root@x";
    assert.equal(permitted({ check: "pool", caller, permission, pool: "root" }), true);
    assert.equal(permitted({ check: "pool", caller, permission, pool: "lost" }), false);
  });

  test("only the server level reaches pools that are not configured", () => {
    const ask1 = (caller: string): boolean =>
      permitted({ check: "pool", caller, permission: listTasks, pool: "ghost" });
    assert.equal(ask1("user:tasks@x"), true);
    assert.equal(ask1("user:viewer@x"), false);
  });

  test("all pools, any pools and a filter", () => {
    const caller = "user:viewer@x";
    const pools = ["two", "ghost", "one", "lost", "two"];
    const base = { caller, permission: listTasks };
    assert.equal(permitted({ check: "all_pools", ...base, pools: ["one", "two"] }), true);
    assert.equal(permitted({ check: "all_pools", ...base, pools }), false);
    assert.equal(permitted({ check: "any_pools", ...base, pools }), true);
    assert.equal(permitted({ check: "any_pools", ...base, pools: ["lost", "ghost"] }), false);
    assert.deepEqual(ask(world, { check: "filter_pools", ...base, pools }), {
      answer: "filtered",
      pools: ["two", "one", "two"],
    });
    assert.deepEqual(
      ask(world, { check: "filter_pools", ...base, caller: "user:tasks@x", pools }),
      { answer: "filtered", pools },
    );
    assert.deepEqual(ask(world, { check: "filter_pools", ...base, pools: [] }), {
      answer: "filtered",
      pools: [],
    });
  });
});

describe("ask: task", () => {
  const nothing: TaskClaim = { task_id: "t1", realm: "", pool: "", bot_id: "", submitter: "" };
  const get = "swarming.tasks.get";
  const cancel = "swarming.tasks.cancel";
  const cases: readonly (readonly [string, string, string, Partial<TaskClaim>, boolean])[] = [
    ["the submitter", "user:any@x", cancel, { submitter: "user:any@x" }, true],
    ["the submitter in other case", "user:any@x", get, { submitter: "user:Any@x" }, false],
    ["an empty submitter", "user:any@x", get, {}, false],
    [
      "an anonymous submitter",
      "anonymous:anonymous",
      get,
      { submitter: "anonymous:anonymous" },
      true,
    ],
    ["the server level", "user:tasks@x", get, {}, true],
    ["the server level of another permission", "user:tasks@x", cancel, {}, false],
    ["the realm of the task", "user:seer@x", get, { realm: "p:tasks" }, true],
    ["the realm of the task, to cancel", "user:seer@x", cancel, { realm: "p:tasks" }, false],
    [
      "the realm of the task, to cancel, by its trigger",
      "user:trigger@x",
      cancel,
      { realm: "p:tasks" },
      true,
    ],
    [
      "a permission on pools in the realm of the task",
      "user:poolless@x",
      get,
      { realm: "p:tasks" },
      false,
    ],
    ["the pool", "user:viewer@x", get, { pool: "one" }, true],
    ["the pool, to cancel", "user:viewer@x", cancel, { pool: "one" }, false],
    ["the pool, to cancel, by its owner", "user:owner@x", cancel, { pool: "one" }, true],
    [
      "a permission on tasks in the realm of the pool",
      "user:taskless@x",
      get,
      { pool: "one" },
      false,
    ],
    [
      "an unknown pool before the bot",
      "user:viewer@x",
      get,
      { pool: "ghost", bot_id: "vm1" },
      false,
    ],
    ["one of the pools of the bot", "user:viewer@x", get, { bot_id: "vm1" }, true],
    ["an unknown bot", "user:viewer@x", get, { bot_id: "vm9" }, false],
    [
      "the pool after a realm that denies",
      "user:viewer@x",
      get,
      { realm: "p:tasks", pool: "two" },
      true,
    ],
  ];
  for (const [says, caller, permission, claim, expected] of cases) {
    test(`${says}: ${expected ? "yes" : "no"}`, () => {
      const task = { ...nothing, ...claim };
      assert.equal(permitted({ check: "task", caller, permission, task }), expected);
    });
  }
});

describe("ask: bot, realm and account", () => {
  test("a bot is answered by the server level or by one of its pools", () => {
    const permission = "swarming.pools.listBots";
    const about = (caller: string, bot_id: string): boolean =>
      permitted({ check: "bot", caller, permission, bot_id });
    assert.equal(about("user:bots@x", "ghost"), true);
    assert.equal(about("user:viewer@x", "vm1"), true);
    assert.equal(about("user:viewer@x", "vm1--7"), true);
    assert.equal(about("user:viewer@x", "vm3"), false);
  });

  test("the server level has no part in creating tasks and acting as accounts", () => {
    const create = (caller: string): boolean =>
      permitted({ check: "create_in_realm", caller, realm: "p:tasks" });
    assert.equal(create("user:trigger@x"), true);
    assert.equal(create("user:admins@x"), false);
    const actAs = (service_account: string): boolean =>
      permitted({ check: "act_as", service_account, realm: "p:tasks" });
    assert.equal(actAs("Robot@x"), true);
    assert.equal(actAs("admins@x"), false);
  });
});

describe("ask: malformed questions", () => {
  const caller = "user:admins@x";
  const permission = "swarming.tasks.get";
  const task: TaskClaim = { task_id: "t", realm: "", pool: "", bot_id: "", submitter: "" };
  const cases: Readonly<Record<string, Question>> = {
    "a malformed caller": { check: "server", caller: "ann", permission },
    "a malformed permission": { check: "server", caller, permission: "get" },
    "a malformed pool": { check: "pool", caller, permission, pool: "a:b" },
    "no pools to all of": { check: "all_pools", caller, permission, pools: [] },
    "no pools to any of": { check: "any_pools", caller, permission, pools: [] },
    "one malformed pool of several": {
      check: "filter_pools",
      caller,
      permission,
      pools: ["a", ""],
    },
    "an empty bot": { check: "bot", caller, permission, bot_id: "" },
    "another permission on a task": {
      check: "task",
      caller,
      permission: "swarming.pools.listTasks",
      task,
    },
    "a task without id": { check: "task", caller, permission, task: { ...task, task_id: "" } },
    "a malformed realm of a task": {
      check: "task",
      caller,
      permission,
      task: { ...task, realm: "p" },
    },
    "a malformed bot behind a pool": {
      check: "task",
      caller,
      permission,
      task: { ...task, pool: "a", bot_id: " " },
    },
    "a malformed submitter": {
      check: "task",
      caller,
      permission,
      task: { ...task, submitter: "ann" },
    },
    "an empty realm": { check: "create_in_realm", caller, realm: "" },
    "a malformed account": { check: "act_as", service_account: "user:robot@x", realm: "p:r" },
  };
  for (const [says, question] of Object.entries(cases)) {
    test(says, () => {
      assert.deepEqual(ask(world, question), { answer: "invalid" });
    });
  }
});
