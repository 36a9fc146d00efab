import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultSettings } from "../../src/domain/model.ts";
import { swarmingPermissions } from "../../src/domain/permissions.ts";
import { pool, world, worldWithWarnings } from "./world.ts";

// One letter a group, so that the table below reads like the rule.
const named = {
  adminsGroup: "A",
  botBootstrapGroup: "B",
  privilegedUsersGroup: "P",
  usersGroup: "U",
  viewAllBotsGroup: "b",
  viewAllTasksGroup: "t",
  readersGroup: "R",
  reasonRequired: false,
  delegations: [],
};

const serverLevel: Readonly<Record<string, string>> = {
  "swarming.tasks.get": "APt",
  "swarming.pools.listTasks": "APt",
  "swarming.pools.listBots": "APb",
  "swarming.pools.createBot": "AB",
  "swarming.tasks.cancel": "A",
  "swarming.pools.cancelTask": "A",
  "swarming.pools.deleteBot": "A",
  "swarming.pools.terminateBot": "A",
  "swarming.pools.createHighPriorityTask": "A",
  "swarming.servers.peek": "ABPUbt",
  "swarming.pools.createTask": "",
  "swarming.tasks.createInRealm": "",
  "swarming.tasks.actAs": "",
  "some.other.permission": "",
  constructor: "",
  "": "",
};

describe("serverGroups", () => {
  const { fleet } = world({ settings: named });
  for (const [permission, letters] of Object.entries(serverLevel)) {
    const groups = letters.split("");
    const words = letters === "" ? "no group" : `the groups ${groups.join(", ")}`;
    it(`gives ${JSON.stringify(permission)} to ${words}`, () => {
      assert.deepEqual([...fleet.serverGroups(permission)].sort(), groups);
    });
  }

  it("has a rule for each of the thirteen built-in permissions", () => {
    assert.equal(swarmingPermissions.length, 13);
    for (const permission of swarmingPermissions) assert.ok(permission in serverLevel, permission);
  });

  it("puts administrators in the place of every group that is not set", () => {
    const { fleet: bare } = world({ settings: defaultSettings });
    for (const permission of swarmingPermissions) {
      const expected = serverLevel[permission] === "" ? [] : ["administrators"];
      assert.deepEqual(bare.serverGroups(permission), expected, permission);
    }
  });

  it("puts the admins that are set in the place of the other groups that are not", () => {
    const settings = { ...defaultSettings, adminsGroup: "A", viewAllBotsGroup: "b" };
    const { fleet: some } = world({ settings });
    assert.deepEqual(some.serverGroups("swarming.pools.createBot"), ["A"]);
    assert.deepEqual([...some.serverGroups("swarming.pools.listBots")].sort(), ["A", "b"]);
    assert.deepEqual([...some.serverGroups("swarming.servers.peek")].sort(), ["A", "b"]);
  });
});

describe("realmOfPool", () => {
  it("is exact, and warns about a pool that does not exist", () => {
    const { snapshot, warnings } = worldWithWarnings({
      pools: [pool("Pool", "p:one"), pool("pool", "p:two")],
    });
    assert.equal(snapshot.fleet.realmOfPool("Pool"), "p:one");
    assert.equal(snapshot.fleet.realmOfPool("pool"), "p:two");
    assert.equal(snapshot.fleet.realmOfPool("POOL"), undefined);
    assert.equal(snapshot.fleet.realmOfPool("constructor"), undefined);
    assert.deepEqual(warnings, [
      { kind: "unknown_pool", name: "POOL" },
      { kind: "unknown_pool", name: "constructor" },
    ]);
  });

  it("is the same in whichever order and however often it is asked", () => {
    const { fleet } = world({ pools: [pool("one", "p:one"), pool("two", "p:two")] });
    const realms = { one: "p:one", two: "p:two", none: undefined };
    for (const first of ["one", "two", "none"] as const) {
      for (const second of ["one", "two", "none"] as const) {
        const asked = [first, second, second, first].map((name) => fleet.realmOfPool(name));
        assert.deepEqual(asked, [realms[first], realms[second], realms[second], realms[first]]);
      }
    }
  });
});
