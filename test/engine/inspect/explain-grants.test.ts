import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Grant } from "../../../src/engine/inspect/explanation.ts";
import type { CheckQuestion } from "../../../src/engine/inspect/question.ts";
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

/** The grants in short, each with its size. */
function grantsIn(world: World, question: CheckQuestion): readonly string[] {
  return explainIn(world, ann, question).grants.map(inShort);
}

function inShort({ changes, size }: Grant): string {
  const parts = changes.map((change) => {
    if (change.kind === "add_member") return `join ${change.group}`;
    const realm = change.createRealm ? `new ${change.realm}` : change.realm;
    const role = change.createRoleWith.length > 0 ? `new ${change.role}` : change.role;
    return `${role} in ${realm}`;
  });
  return `${parts.join(" + ")}: ${size}`;
}

const user = "role/swarming.poolUser";

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

  it("count for a group all that it has, and that those have in which it is nested", () => {
    const world: World = {
      ...fleet(
        { name: "r", bindings: [users("group:a", "group:b")] },
        { name: "s", bindings: [{ role: "role/swarming.poolViewer", principals: ["group:top"] }] },
      ),
      settings: { admins_group: "top" },
      groups: [{ name: "a" }, { name: "b" }, { name: "top", nested: ["b"] }],
    };
    // The group at the top: two permissions in a realm, and the ten that have a server level.
    assert.deepEqual(grantsIn(world, inPool("r")), [
      "join a: 1",
      `${user} in p:r: 1`,
      "join b: 13",
    ]);
  });

  it("do not count what the groups of the caller have already", () => {
    const world: World = {
      ...fleet(
        { name: "r", bindings: [users("group:b")] },
        { name: "s", bindings: [users("group:mine")] },
      ),
      groups: [{ name: "b" }, { name: "mine", members: [ann], nested: ["b"] }],
    };
    assert.deepEqual(grantsIn(world, inPool("r")), ["join b: 1", `${user} in p:r: 1`]);
  });

  it("take the role with the fewest permissions, of several the first by name", () => {
    const custom = (name: string, ...permissions: readonly string[]): object => ({
      name: `customRole/${name}`,
      permissions,
    });
    const roles = [
      custom("b", listTasks),
      custom("a", listTasks),
      { name: "customRole/0", unresolved: true },
    ];
    const world = {
      projects: [{ name: "p", custom_roles: roles, realms: [{ name: "r" }] }],
      pools: [{ name: "r", realm: "p:r" }],
    } as World;
    assert.deepEqual(grantsIn(world, inPool("r", listTasks)), ["customRole/a in p:r: 1"]);
  });

  it("count a role in every realm that inherits the binding", () => {
    const world = fleet(
      { name: "r" },
      { name: "s", extends: ["r"] },
      { name: "t", extends: ["s"] },
    );
    assert.deepEqual(grantsIn(world, inPool("r", listTasks)), [
      "role/swarming.poolViewer in p:r: 6",
    ]);
    assert.deepEqual(grantsIn(world, { check: "create_in_realm", realm: "p:@root" }), [
      "role/swarming.taskTriggerer in p:@root: 12",
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
    assert.deepEqual(grantsIn(world, inPool("gone", listTasks)), ["join administrators: 23"]);
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

  it("count in a realm that is created what @root gives to a group that is joined", () => {
    const viewer = { role: "role/swarming.taskViewer", principals: ["group:a"] };
    const world: World = {
      projects: [
        { name: "p", realms: [{ name: "@root", bindings: [viewer] }] },
        { name: "q", realms: [{ name: "r", bindings: [users("group:a")] }] },
      ],
      pools: [
        { name: "one", realm: "p:nowhere" },
        { name: "two", realm: "q:r" },
      ],
      groups: [{ name: "a" }],
    };
    assert.deepEqual(grantsIn(world, inPools("all_pools", ["one", "two"])), [
      `${user} in new p:nowhere + ${user} in q:r: 2`,
      `join a + ${user} in new p:nowhere: 4`,
    ]);
  });

  it("of groups alone have none in vain", () => {
    const realms: readonly (readonly [string, ...string[]])[] = [
      ["r1", "a", "b"],
      ["r2", "a", "b"],
      ["r3", "a", "c"],
      ["r4", "a", "c"],
      ["r5", "b"],
      ["r6", "c"],
    ];
    const world: World = {
      ...fleet(
        ...realms.map(([name, ...groups]) => ({
          name,
          bindings: [users(...groups.map((group) => `group:${group}`))],
        })),
      ),
      groups: [{ name: "a" }, { name: "b" }, { name: "c" }],
    };
    const pools = realms.map(([name]) => name);
    const grants = grantsIn(world, inPools("all_pools", pools));
    assert.ok(grants.includes("join b + join c: 6"), grants.join("\n"));
    assert.ok(!grants.some((grant) => grant.startsWith("join a + join b + join c")));
  });

  it("of all pools bind once where others inherit", () => {
    const world = fleet({ name: "r" }, { name: "s", extends: ["r"] });
    assert.deepEqual(grantsIn(world, inPools("all_pools", ["s", "r"])), [`${user} in p:r: 2`]);
  });

  it("are the smallest, though others have less by themselves", () => {
    const names = Array.from({ length: 12 }, (_, index) => `a${index}`);
    const owners = { role: "role/swarming.poolOwner", principals: ["group:top"] };
    const world: World = {
      ...fleet(
        { name: "r", bindings: [users("group:z", ...names.map((name) => `group:${name}`))] },
        { name: "s", bindings: [owners, users("group:z")] },
      ),
      groups: [{ name: "top", nested: names }, { name: "z" }, ...names.map((name) => ({ name }))],
    };
    assert.deepEqual(grantsIn(world, inPool("r")).slice(0, 3), [
      `${user} in p:r: 1`,
      "join z: 2",
      "join a0: 7",
    ]);
  });

  it("count for the administrators, and who is nested in them, all that there is: they can take it", () => {
    const world = {
      ...fleet({ name: "r", bindings: [users("group:many")] }, { name: "s" }),
      groups: [
        { name: "administrators", nested: ["founders"] },
        { name: "founders" },
        { name: "many" },
      ],
      settings: { admins_group: "founders" },
    };
    // 13 permissions; the server level and the realms p:@root, p:r and p:s.
    const everything = 13 * 4;
    const sized = grantsIn(world, { check: "server", permission: "swarming.tasks.cancel" });
    const [founders, ...more] = sized.map((grant) => grant.split(": "));
    assert.deepEqual([founders?.[0], more], ["join founders", []]);
    assert.ok(Number(founders?.[1]) >= everything, sized[0]);
    const list = explainIn(world, ann, { check: "pool", permission: listTasks, pool: "r" });
    assert.equal(inShort(list.grants.at(-1) ?? assert.fail()).split(":")[0], "join founders");
  });

  it("are at most ten, the smallest of all", () => {
    const names = Array.from({ length: 300 }, (_, index) => `g${String(index).padStart(3, "0")}`);
    const world: World = {
      ...fleet(
        { name: "r", bindings: [users(...names.map((name) => `group:${name}`))] },
        ...names.slice(0, 290).map((name, index) => ({
          name: `s${index}`,
          bindings: [users(`group:${name}`)],
        })),
      ),
      groups: names.map((name) => ({ name })),
    };
    assert.deepEqual(grantsIn(world, inPool("r")), [
      ...names.slice(290, 300).map((name) => `join ${name}: 1`),
    ]);
  });
});
