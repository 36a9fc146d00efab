import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { World } from "../../spec/world.ts";
import { ann, explainIn, fleet, inPool, inPools, listTasks, users } from "./explain-world.ts";
import { grantsIn, inShort, user } from "./grants-in-short.ts";

describe("the grants of a denial", () => {
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
