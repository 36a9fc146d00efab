import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CheckQuestion } from "../../../src/engine/inspect/question.ts";
import type { World } from "../../spec/world.ts";
import {
  ann,
  createTask,
  explainIn,
  fleet,
  get,
  inPool,
  inPools,
  inShort,
  listTasks,
  onTask,
  users,
} from "./explain-world.ts";

const onSome = [{ attribute: "zone", values: ["a"] }];
const viewers = { role: "role/swarming.poolViewer", principals: [ann] };

/** Ann may create tasks in `open`, in `zoned` under a condition; others may in `others`; nobody in `closed`. */
const world: World = {
  ...fleet(
    { name: "open", bindings: [users(ann)] },
    { name: "zoned", bindings: [{ ...users(ann), conditions: onSome }] },
    { name: "others", bindings: [users("user:bob@x.com")] },
    { name: "ghosts", bindings: [users("group:ghosts")] },
    { name: "closed" },
    { name: "viewed", bindings: [viewers] },
  ),
  bot_groups: [
    { name: "b", bot_ids: ["bot-1"], pools: ["open", "closed", "gone"] },
    { name: "v", bot_ids: ["bot-2"], pools: ["viewed", "closed"] },
  ],
  settings: { admins_group: "admins" },
  groups: [{ name: "admins", members: ["user:root@x.com"] }],
};

interface Case {
  readonly title: string;
  readonly caller?: string;
  readonly question: CheckQuestion;
  readonly steps: readonly string[];
  readonly permitted: boolean;
  readonly left?: readonly string[];
}

const server = (permission: string): CheckQuestion => ({ check: "server", permission });

const cases: readonly Case[] = [
  {
    title: "the server level is refused to those in none of its groups",
    question: server(get),
    steps: ["server: not_in_groups"],
    permitted: false,
  },
  {
    title: "a permission without a server level is had by nobody there",
    question: server(createTask),
    steps: ["server: no_server_level"],
    permitted: false,
  },
  {
    title: "an undeclared permission has no server level",
    question: server("a.b.c"),
    steps: ["server: no_server_level"],
    permitted: false,
  },
  {
    title: "a yes at the server level ends the check",
    caller: "user:root@x.com",
    question: inPool("gone", listTasks),
    steps: ["server: permitted"],
    permitted: true,
  },
  {
    title: "a binding permits",
    question: inPool("open"),
    steps: ["server: no_server_level", "pool open: permitted"],
    permitted: true,
  },
  {
    title: "a binding under conditions does not",
    question: inPool("zoned"),
    steps: ["server: no_server_level", "pool zoned: conditional"],
    permitted: false,
  },
  {
    title: "a binding to others does not",
    question: inPool("others"),
    steps: ["server: no_server_level", "pool others: not_a_principal"],
    permitted: false,
  },
  {
    title: "a binding to a group that does not exist binds nobody",
    question: inPool("ghosts"),
    steps: ["server: no_server_level", "pool ghosts: not_bound"],
    permitted: false,
  },
  {
    title: "nobody has what is not bound",
    question: inPool("closed"),
    steps: ["server: no_server_level", "pool closed: not_bound"],
    permitted: false,
  },
  {
    title: "an unknown pool comes before an undeclared permission",
    question: inPool("gone", "a.b.c"),
    steps: ["server: no_server_level", "pool gone: unknown_pool"],
    permitted: false,
  },
  {
    title: "an undeclared permission comes before the bindings",
    question: inPool("open", "a.b.c"),
    steps: ["server: no_server_level", "pool open: undeclared_permission"],
    permitted: false,
  },
  {
    title: "a realm of a project that is not configured is not defined",
    question: { check: "create_in_realm", realm: "q:r" },
    steps: ["realm q:r: undefined_realm"],
    permitted: false,
  },
  {
    title: "all pools: the first no ends",
    question: inPools("all_pools", ["open", "closed", "others"]),
    steps: ["server: no_server_level", "pool open: permitted", "pool closed: not_bound"],
    permitted: false,
  },
  {
    title: "all pools: every pool says yes, those named twice too",
    question: inPools("all_pools", ["open", "open"]),
    steps: ["server: no_server_level", "pool open: permitted", "pool open: permitted"],
    permitted: true,
  },
  {
    title: "all pools, one of them: as in a pool",
    question: inPools("all_pools", ["closed"]),
    steps: ["server: no_server_level", "pool closed: not_bound"],
    permitted: false,
  },
  {
    title: "any pools: the first yes ends",
    question: inPools("any_pools", ["gone", "open", "closed"]),
    steps: ["server: no_server_level", "pool gone: unknown_pool", "pool open: permitted"],
    permitted: true,
  },
  {
    title: "a filter tries every pool and is never denied",
    question: inPools("filter_pools", ["closed", "open", "gone", "open"]),
    steps: [
      "server: no_server_level",
      "pool closed: not_bound",
      "pool open: permitted",
      "pool gone: unknown_pool",
      "pool open: permitted",
    ],
    permitted: true,
    left: ["open", "open"],
  },
  {
    title: "a filter with the server level is the list itself",
    caller: "user:root@x.com",
    question: inPools("filter_pools", ["gone", "open"], listTasks),
    steps: ["server: permitted"],
    permitted: true,
    left: ["gone", "open"],
  },
  {
    title: "a filter of nothing leaves nothing",
    question: inPools("filter_pools", []),
    steps: ["server: no_server_level"],
    permitted: true,
  },
  {
    title: "a task: the submitter comes first",
    question: onTask({ submitter: ann, realm: "p:open" }),
    steps: ["submitter: permitted"],
    permitted: true,
  },
  {
    title: "a task without submitter has nobody as submitter, and without realm no realm is tried",
    question: onTask({ pool: "viewed" }),
    steps: ["submitter: not_submitter", "server: not_in_groups", "pool viewed: permitted"],
    permitted: true,
  },
  {
    title: "a task: the submitter is compared exactly; the pool counts, not the bot",
    question: onTask({
      submitter: "user:ANN@x.com",
      realm: "p:closed",
      pool: "closed",
      botId: "bot-2",
    }),
    steps: [
      "submitter: not_submitter",
      "server: not_in_groups",
      "realm p:closed: not_bound",
      "pool closed: not_bound",
    ],
    permitted: false,
  },
  {
    title: "a task: the pools of the bot in their order",
    question: onTask({ botId: "bot-2" }),
    steps: [
      "submitter: not_submitter",
      "server: not_in_groups",
      "pool closed: not_bound",
      "pool viewed: permitted",
    ],
    permitted: true,
  },
  {
    title: "a bot: its pools in their order up to a yes",
    question: { check: "bot", permission: createTask, botId: "bot-1" },
    steps: [
      "server: no_server_level",
      "pool closed: not_bound",
      "pool gone: unknown_pool",
      "pool open: permitted",
    ],
    permitted: true,
  },
  {
    title: "a bot that nobody lists is in an unknown pool",
    question: { check: "bot", permission: createTask, botId: "stranger" },
    steps: ["server: no_server_level", "pool unassigned: unknown_pool"],
    permitted: false,
  },
  {
    title: "to act as an account: the realm alone",
    question: { check: "act_as", serviceAccount: "ann@x.com", realm: "p:open" },
    steps: ["realm p:open: not_bound"],
    permitted: false,
  },
];

describe("the steps of an explanation", () => {
  for (const { title, caller = ann, question, steps, permitted, left = [] } of cases) {
    it(title, () => {
      const explanation = explainIn(world, caller, question);
      assert.deepEqual(inShort(explanation), steps);
      assert.equal(explanation.decision.permitted, permitted);
      assert.deepEqual(explanation.pools, left);
      assert.equal(explanation.revision, 1n);
      for (const step of explanation.steps) {
        assert.equal(step.witness !== undefined, step.result === "permitted");
      }
    });
  }

  it("name the realm that answers: @root when the realm is not defined, and none when nothing is looked up", () => {
    const answering = (question: CheckQuestion): readonly string[] =>
      explainIn(world, ann, question).steps.map(({ realm, answeringRealm }) =>
        [realm, answeringRealm].join(" by "),
      );
    assert.deepEqual(answering({ check: "create_in_realm", realm: "p:nowhere" }), [
      "p:nowhere by p:@root",
    ]);
    assert.deepEqual(answering({ check: "create_in_realm", realm: "p:open" }), [
      "p:open by p:open",
    ]);
    assert.deepEqual(answering({ check: "create_in_realm", realm: "q:open" }), ["q:open by "]);
    assert.deepEqual(answering(inPool("open", "a.b.c")), [" by ", "p:open by "]);
    assert.deepEqual(answering(inPool("gone")), [" by ", " by "]);
  });

  it("look for the pool-level twin in the pools of a task", () => {
    const { steps } = explainIn(world, ann, onTask({ realm: "p:closed", pool: "closed" }));
    assert.deepEqual(
      steps.map(({ permission }) => permission),
      [get, get, get, listTasks],
    );
  });

  it("name the groups of the server level, sorted", () => {
    const settings = { privileged_users_group: "zz", view_all_tasks_group: "aa" };
    const [step] = explainIn({ settings }, ann, server(get)).steps;
    assert.deepEqual(step?.groups, ["aa", "administrators", "zz"]);
  });

  it("are not taken when the check cannot be asked", () => {
    assert.throws(() => explainIn(world, ann, inPools("all_pools", [])), {
      reason: "INVALID_FIELD",
    });
    const task = { taskId: "t", realm: "", pool: "", botId: "", submitter: "" };
    assert.throws(() => explainIn(world, ann, { check: "task", permission: createTask, task }), {
      reason: "INVALID_FIELD",
    });
  });
});
