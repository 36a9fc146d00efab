import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { World, WorldBinding } from "../../spec/world.ts";
import {
  ann,
  createTask,
  explainIn,
  fleet,
  get,
  inPool,
  inPools,
  listTasks,
  onTask,
  users,
} from "./explain-world.ts";
import { grantsIn, user } from "./grants-in-short.ts";

describe("the grants of a denial", () => {
  it("are none for an allow, and none for a filter", () => {
    const world = fleet({ name: "r", bindings: [users(ann)] }, { name: "s" });
    assert.deepEqual(grantsIn(world, inPool("r")), []);
    assert.deepEqual(grantsIn(world, inPools("filter_pools", ["s"])), []);
  });

  it("bind the caller, as spelled, or make it a member", () => {
    const world = {
      ...fleet({ name: "r", bindings: [users("group:a")] }),
      groups: [{ name: "a" }],
    };
    assert.deepEqual(explainIn(world, "user:ANN@x.com", inPool("r")).grants, [
      { size: 1, changes: [{ kind: "add_member", group: "a", member: "user:ANN@x.com" }] },
      {
        size: 1,
        changes: [
          {
            kind: "bind",
            realm: "p:r",
            role: user,
            principal: "user:ANN@x.com",
            createRealm: false,
            createRoleWith: [],
          },
        ],
      },
    ]);
  });

  it("create a role with the permission alone when none holds it, under a name that is free", () => {
    const permission = "swarming.pools.createHighPriorityTask";
    const plain = fleet({ name: "r" });
    assert.deepEqual(grantsIn(plain, inPool("r", permission)), [
      `new customRole/${permission} in p:r: 1`,
    ]);
    const taken = {
      ...plain,
      projects: [
        {
          name: "p",
          custom_roles: [{ name: `customRole/${permission}`, unresolved: true }],
          realms: [{ name: "r" }, { name: "s" }],
        },
      ],
      pools: [
        { name: "r", realm: "p:r" },
        { name: "s", realm: "p:s" },
      ],
    };
    assert.deepEqual(grantsIn(taken, inPool("r", permission)), [
      `new customRole/${permission}-2 in p:r: 1`,
    ]);
    // Two realms: the role is created once.
    assert.deepEqual(grantsIn(taken, inPools("all_pools", ["s", "r"], permission)), [
      `new customRole/${permission}-2 in p:r + customRole/${permission}-2 in p:s: 2`,
    ]);
  });

  it("create a realm that is not defined, or use who has the permission by @root", () => {
    const world: World = {
      projects: [{ name: "p", realms: [{ name: "@root", bindings: [users("group:a")] }] }],
      pools: [{ name: "r", realm: "p:nowhere" }],
      groups: [{ name: "a" }],
    };
    assert.deepEqual(grantsIn(world, inPool("r")), ["join a: 1", `${user} in new p:nowhere: 1`]);
  });

  it("are none when there is nothing to grant", () => {
    const world: World = {
      ...fleet({ name: "r" }),
      pools: [{ name: "vanished", realm: "q:r" }],
    };
    assert.deepEqual(grantsIn(world, inPool("r", "a.b.c")), [], "undeclared");
    assert.deepEqual(grantsIn(world, inPool("gone")), [], "an unknown pool");
    assert.deepEqual(grantsIn(world, inPool("vanished")), [], "no such project");
    assert.deepEqual(grantsIn(world, { check: "server", permission: createTask }), []);
    // Administrators are a group that nobody made.
    assert.deepEqual(grantsIn(world, { check: "server", permission: get }), []);
  });

  it("reach an unknown pool from the server level alone", () => {
    const world = { groups: [{ name: "administrators" }] };
    assert.deepEqual(grantsIn(world, inPool("gone", listTasks)), ["join administrators: 32"]);
  });

  it("never make the caller the submitter, and use the permission of each step", () => {
    const world = fleet({ name: "r" });
    assert.deepEqual(grantsIn(world, onTask({ realm: "p:r", pool: "r" })), [
      "role/swarming.taskViewer in p:r: 1",
      "role/swarming.poolViewer in p:r: 2",
    ]);
  });

  it("never join a group that is bound under conditions only", () => {
    const binding: WorldBinding = {
      ...users("group:a"),
      conditions: [{ attribute: "zone", values: ["a"] }],
    };
    const world = { ...fleet({ name: "r", bindings: [binding] }), groups: [{ name: "a" }] };
    assert.deepEqual(grantsIn(world, inPool("r")), [`${user} in p:r: 1`]);
  });

  it("need one of any pools, and one for each of all pools", () => {
    const world: World = {
      ...fleet(
        { name: "r", bindings: [users("group:a", "group:both")] },
        { name: "s", bindings: [users("group:b", "group:both")] },
      ),
      groups: [{ name: "a" }, { name: "b" }, { name: "both" }],
    };
    assert.deepEqual(grantsIn(world, inPools("any_pools", ["r", "s"])), [
      "join a: 1",
      "join b: 1",
      `${user} in p:r: 1`,
      `${user} in p:s: 1`,
      "join both: 2",
    ]);
    assert.deepEqual(grantsIn(world, inPools("all_pools", ["r", "s"])), [
      "join both: 2",
      `join a + ${user} in p:s: 2`,
      `join b + ${user} in p:r: 2`,
      `${user} in p:r + ${user} in p:s: 2`,
    ]);
    const apart = { ...world, groups: [{ name: "a" }, { name: "b" }] };
    assert.ok(grantsIn(apart, inPools("all_pools", ["r", "s"])).includes("join a + join b: 2"));
    assert.deepEqual(grantsIn(world, inPools("all_pools", ["r", "gone"])), []);
  });
});
