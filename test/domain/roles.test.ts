import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { roleName } from "../../src/domain/names.ts";
import { builtInPermissions } from "../../src/domain/permissions.ts";
import { builtInRoles } from "../../src/domain/roles.ts";

// What each role gives in the end, without "swarming.".
const given: Readonly<Record<string, readonly string[]>> = {
  "role/swarming.taskServiceAccount": ["tasks.actAs"],
  "role/swarming.taskViewer": ["tasks.get"],
  "role/swarming.taskTriggerer": ["tasks.cancel", "tasks.createInRealm", "tasks.get"],
  "role/swarming.poolViewer": ["pools.listBots", "pools.listTasks"],
  "role/swarming.poolUser": ["pools.createTask"],
  "role/swarming.poolOwner": [
    "pools.cancelTask",
    "pools.createBot",
    "pools.deleteBot",
    "pools.listBots",
    "pools.listTasks",
    "pools.terminateBot",
  ],
  "role/fleetgate.provisioner": ["fleetgate.bots.manage"],
  "role/fleetgate.runnerManager": ["fleetgate.runners.manage"],
  "role/fleetgate.executionHost": ["fleetgate.tasks.register"],
  "role/fleetgate.taskManager": ["fleetgate.tasks.manage"],
  "role/fleetgate.relyingService": ["fleetgate.callers.identify", "fleetgate.urls.sign"],
  "role/fleetgate.credentialAuditor": ["fleetgate.credentials.introspect"],
  "role/fleetgate.credentialAdmin": [
    "fleetgate.credentials.introspect",
    "fleetgate.credentials.revoke",
  ],
};

const byName = new Map(builtInRoles.map((role) => [role.name, role]));

/** The permissions of a role and of those that it includes. */
function expand(name: string): string[] {
  const found = new Set<string>();
  const pending = [name];
  for (const next of pending) {
    const role = byName.get(next);
    assert.ok(role !== undefined, `${next} is not defined`);
    for (const permission of role.permissions) found.add(permission.replace("swarming.", ""));
    pending.push(...role.includes);
  }
  return [...found].sort();
}

describe("builtInRoles", () => {
  it("are those of the table and no others", () => {
    assert.deepEqual([...byName.keys()].sort(), Object.keys(given).sort());
    assert.equal(byName.size, builtInRoles.length);
  });

  for (const [name, permissions] of Object.entries(given)) {
    it(`${name} gives ${permissions.join(", ")}`, () => {
      assert.deepEqual(expand(name), permissions);
    });
  }

  it("have good names, declared permissions, and are resolved", () => {
    const declared = new Set<string>(builtInPermissions);
    for (const role of builtInRoles) {
      assert.equal(roleName.test(role.name), true, role.name);
      assert.equal(role.unresolved, false, role.name);
      for (const permission of role.permissions) assert.ok(declared.has(permission), permission);
    }
  });

  it("give nobody servers.peek or createHighPriorityTask", () => {
    const all = builtInRoles.flatMap((role) => role.permissions);
    assert.equal(all.includes("swarming.servers.peek"), false);
    assert.equal(all.includes("swarming.pools.createHighPriorityTask"), false);
  });
});
