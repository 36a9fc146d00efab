import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { poolsOfBot } from "./bots.ts";
import type { World } from "./world.ts";

const world: World = {
  bot_groups: [
    { name: "listed", bot_ids: ["vm{1..3}-m1", "host9"], pools: ["ci", "try"] },
    { name: "override", bot_ids: ["host9--2"], pools: ["special"] },
    { name: "prefixed", bot_id_prefixes: ["gce-", "host"], pools: ["gce"] },
    { name: "poolless", bot_ids: ["alone"] },
    { name: "default", pools: ["spare"] },
  ],
};

describe("poolsOfBot", () => {
  const cases: readonly (readonly [bot: string, pools: readonly string[]])[] = [
    ["vm2-m1", ["ci", "try"]],
    ["vm4-m1", ["spare"]],
    ["VM2-m1", ["spare"]],
    ["host9", ["ci", "try"]],
    ["host9--1", ["ci", "try"]],
    ["host9--2", ["special"]],
    ["host9--2--3", ["ci", "try"]],
    ["host8--1", ["gce"]],
    ["gce-", ["gce"]],
    ["gce-a--b", ["gce"]],
    ["gce--1", ["spare"]],
    ["gce", ["spare"]],
    ["x--gce-1", ["spare"]],
    ["alone", ["unassigned"]],
  ];
  for (const [bot, pools] of cases) {
    test(`${bot} is in ${pools.join(", ")}`, () => {
      assert.deepEqual(poolsOfBot(world, bot), pools);
    });
  }

  test("without a default group every other bot is unassigned", () => {
    assert.deepEqual(poolsOfBot({ bot_groups: [{ name: "a", bot_ids: ["b"] }] }, "c"), [
      "unassigned",
    ]);
    assert.deepEqual(poolsOfBot({}, "c"), ["unassigned"]);
  });
});
