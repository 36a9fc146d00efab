import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { permissionName } from "../../src/domain/names.ts";
import {
  actAsPermission,
  createInRealmPermission,
  swarmingPermissions,
  taskPermissionTwins,
} from "../../src/domain/permissions.ts";

describe("swarmingPermissions", () => {
  it("are the thirteen, sorted", () => {
    const pools = [
      "cancelTask",
      "createBot",
      "createHighPriorityTask",
      "createTask",
      "deleteBot",
      "listBots",
      "listTasks",
      "terminateBot",
    ];
    const tasks = ["actAs", "cancel", "createInRealm", "get"];
    assert.deepEqual(swarmingPermissions, [
      ...pools.map((verb) => `swarming.pools.${verb}`),
      "swarming.servers.peek",
      ...tasks.map((verb) => `swarming.tasks.${verb}`),
    ]);
  });

  it("are good names, and hold those that have a name of their own", () => {
    const declared = new Set<string>(swarmingPermissions);
    for (const name of declared) assert.equal(permissionName.test(name), true, name);
    assert.equal(declared.has(actAsPermission), true);
    assert.equal(declared.has(createInRealmPermission), true);
    for (const [permission, twin] of taskPermissionTwins) {
      assert.equal(declared.has(permission) && declared.has(twin), true, permission);
    }
  });
});

describe("taskPermissionTwins", () => {
  it("pairs seeing with listing, and canceling with canceling", () => {
    assert.deepEqual(Object.fromEntries(taskPermissionTwins), {
      "swarming.tasks.cancel": "swarming.pools.cancelTask",
      "swarming.tasks.get": "swarming.pools.listTasks",
    });
  });
});
