import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mayAskOnBehalf } from "./delegation.ts";
import type { Question } from "./question.ts";
import type { World, WorldDelegation } from "./world.ts";

const peer = "service:scheduler";
const ann = "user:ann@x.com";
const get = "swarming.tasks.get";

function worldWith(...delegations: readonly WorldDelegation[]): World {
  return {
    settings: { delegations },
    groups: [{ name: "askers", members: [peer] }],
    pools: [
      { name: "ci", realm: "p:ci" },
      { name: "try", realm: "p:try" },
    ],
    bot_groups: [
      { name: "one", bot_ids: ["vm1"], pools: ["ci"] },
      { name: "two", bot_ids: ["vm2"], pools: ["ci", "try"] },
      { name: "ghostly", bot_ids: ["vm3"], pools: ["ci", "ghost"] },
    ],
  };
}

function inPools(check: "all_pools" | "filter_pools", ...pools: readonly string[]): Question {
  return { check, caller: ann, permission: get, pools };
}

function onTask(realm: string, pool: string, botId: string): Question {
  const task = { task_id: "t", realm, pool, bot_id: botId, submitter: "" };
  return { check: "task", caller: ann, permission: get, task };
}

const server: Question = { check: "server", caller: ann, permission: get };
const inCi: WorldDelegation = { group: "askers", realms: ["p:ci"] };

interface Row {
  readonly says: string;
  readonly delegations: readonly WorldDelegation[];
  readonly peer?: string;
  readonly caller?: string;
  readonly question?: Question;
  readonly expected: boolean;
}

const rows: readonly Row[] = [
  { says: "no delegation", delegations: [], expected: false },
  { says: "empty lists mean any", delegations: [{ group: "askers" }], expected: true },
  { says: "another peer", delegations: [{ group: "askers" }], peer: "service:x", expected: false },
  { says: "an unknown group", delegations: [{ group: "ghosts" }], expected: false },
  {
    says: "a task as caller",
    delegations: [{ group: "askers" }],
    caller: "task:t1",
    expected: false,
  },
  {
    says: "a task as caller that a glob names",
    delegations: [{ group: "askers", caller_globs: ["task:*"] }],
    caller: "task:t1",
    expected: false,
  },
  {
    says: "a glob that matches",
    delegations: [{ group: "askers", caller_globs: ["bot:*", "user:*@x.com"] }],
    expected: true,
  },
  {
    says: "a glob compares upper and lower case",
    delegations: [{ group: "askers", caller_globs: ["user:*@X.com"] }],
    expected: false,
  },
  {
    says: "a permission of the list",
    delegations: [{ group: "askers", permissions: [get] }],
    expected: true,
  },
  {
    says: "a permission that is not in the list",
    delegations: [{ group: "askers", permissions: ["swarming.pools.listTasks"] }],
    expected: false,
  },
  {
    says: "two delegations do not add up",
    delegations: [
      { group: "askers", permissions: [get], caller_globs: ["bot:*"] },
      { group: "askers", permissions: ["a.b.c"], caller_globs: ["user:*"] },
    ],
    expected: false,
  },
  { says: "a list of realms does not cover the server", delegations: [inCi], expected: false },
  {
    says: "a pool of the realm",
    delegations: [inCi],
    question: inPools("all_pools", "ci"),
    expected: true,
  },
  {
    says: "a pool beside it",
    delegations: [inCi],
    question: inPools("all_pools", "ci", "try"),
    expected: false,
  },
  {
    says: "an unknown pool",
    delegations: [inCi],
    question: inPools("all_pools", "ci", "ghost"),
    expected: false,
  },
  { says: "no pool", delegations: [inCi], question: inPools("filter_pools"), expected: false },
  {
    says: "the realm of a task",
    delegations: [inCi],
    question: onTask("p:ci", "", ""),
    expected: true,
  },
  {
    says: "another realm of a task",
    delegations: [inCi],
    question: onTask("p:try", "ci", ""),
    expected: false,
  },
  {
    says: "another pool of a task",
    delegations: [inCi],
    question: onTask("p:ci", "try", ""),
    expected: false,
  },
  {
    says: "the pool of a task hides its bot",
    delegations: [inCi],
    question: onTask("", "ci", "vm2"),
    expected: true,
  },
  {
    says: "the bot of a task",
    delegations: [inCi],
    question: onTask("p:ci", "", "vm1"),
    expected: true,
  },
  {
    says: "the bot of a task in two realms",
    delegations: [inCi],
    question: onTask("p:ci", "", "vm2"),
    expected: false,
  },
  {
    says: "a task about which nothing is said",
    delegations: [inCi],
    question: onTask("", "", ""),
    expected: false,
  },
  {
    says: "a bot in an unknown pool",
    delegations: [inCi],
    question: { check: "bot", caller: ann, permission: get, bot_id: "vm3" },
    expected: false,
  },
  {
    says: "a realm by name",
    delegations: [inCi],
    question: { check: "create_in_realm", caller: ann, realm: "p:ci" },
    expected: true,
  },
  {
    says: "an account in another realm",
    delegations: [inCi],
    question: { check: "act_as", service_account: "ann@x.com", realm: "p:try" },
    expected: false,
  },
];

describe("mayAskOnBehalf", () => {
  for (const row of rows) {
    test(`${row.says}: ${row.expected ? "yes" : "no"}`, () => {
      const { delegations, caller = ann, question = server, expected } = row;
      const world = worldWith(...delegations);
      assert.equal(mayAskOnBehalf(world, row.peer ?? peer, caller, question), expected);
    });
  }
});
