import { describe, it } from "node:test";
import { swarmingPermissions } from "../../../src/domain/permissions.ts";
import { checkServerPerm } from "../../../src/engine/checker/check-server-perm.ts";
import { assertDenied, assertPermitted, group, id, world } from "../world.ts";

const settings = {
  adminsGroup: "admins",
  botBootstrapGroup: "bootstrap",
  privilegedUsersGroup: "privileged",
  usersGroup: "users",
  viewAllBotsGroup: "bot-viewers",
  viewAllTasksGroup: "task-viewers",
  readersGroup: "readers",
  reasonRequired: false,
  delegations: [],
};
const groups = Object.values(settings).filter((name) => typeof name === "string");
const snapshot = world({
  settings,
  groups: groups.map((name) => group(name, { members: [`user:${name}@x.com`] })),
});

// Who has what at the server level: the group, then the permissions without "swarming.".
const grants: Readonly<Record<string, readonly string[]>> = {
  admins: [
    "tasks.get",
    "pools.listTasks",
    "pools.listBots",
    "pools.createBot",
    "tasks.cancel",
    "pools.cancelTask",
    "pools.deleteBot",
    "pools.terminateBot",
    "pools.createHighPriorityTask",
    "servers.peek",
  ],
  bootstrap: ["pools.createBot", "servers.peek"],
  privileged: ["tasks.get", "pools.listTasks", "pools.listBots", "servers.peek"],
  users: ["servers.peek"],
  "bot-viewers": ["pools.listBots", "servers.peek"],
  "task-viewers": ["tasks.get", "pools.listTasks", "servers.peek"],
};

describe("checkServerPerm", () => {
  for (const [name, permissions] of Object.entries(grants)) {
    for (const permission of [...swarmingPermissions, "no.such.permission"]) {
      const allowed = permissions.includes(permission.replace("swarming.", ""));
      it(`${allowed ? "permits" : "denies"} ${permission} to ${name}`, () => {
        const identity = `user:${name}@x.com`;
        const decision = checkServerPerm(snapshot, id(identity), permission);
        if (allowed) assertPermitted(decision);
        else {
          const message = `Permission "${permission}" denied for "${identity}" at the server level`;
          assertDenied(decision, message, { caller: identity, permission });
        }
      });
    }
  }

  it("denies everything to a stranger", () => {
    for (const permission of swarmingPermissions) {
      assertDenied(
        checkServerPerm(snapshot, id("user:stranger@x.com"), permission),
        `Permission "${permission}" denied for "user:stranger@x.com" at the server level`,
        { caller: "user:stranger@x.com", permission },
      );
    }
  });

  it("quotes what the caller chose", () => {
    const permission = 'a.b."\n';
    assertDenied(
      checkServerPerm(snapshot, id("user:a@x"), permission),
      String.raw`Permission "a.b.\"\n" denied for "user:a@x" at the server level`,
      { caller: "user:a@x", permission },
    );
  });
});
