import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultSettings } from "../../src/domain/model.ts";
import { swarmingPermissions } from "../../src/domain/permissions.ts";
import { isReader } from "../../src/engine/reader.ts";
import { group, id, world, worldWithWarnings } from "./world.ts";

const groups = [
  group("administrators", { members: ["user:root@x.com"] }),
  group("readers", { members: ["user:reader@x.com"], nested: ["auditors"] }),
  group("auditors", { members: ["user:nested@x.com"] }),
];

describe("isReader", () => {
  const settings = { ...defaultSettings, readersGroup: "readers" };

  it("is true of administrators and of members of the readers group, and of nobody else", () => {
    const snapshot = world({ settings, groups });
    for (const [name, expected] of Object.entries({
      root: true,
      reader: true,
      nested: true,
      ann: false,
    })) {
      assert.equal(isReader(snapshot, id(`user:${name}@x.com`)), expected, name);
    }
  });

  it("is true of administrators alone when no readers group is set, without a warning", () => {
    const { snapshot, warnings } = worldWithWarnings({ groups });
    assert.equal(isReader(snapshot, id("user:root@x.com")), true);
    assert.equal(isReader(snapshot, id("user:reader@x.com")), false);
    assert.deepEqual(warnings, []);
  });

  it("is true of nobody by a readers group that nobody defined", () => {
    const snapshot = world({ settings: { ...settings, readersGroup: "ghosts" }, groups });
    assert.equal(isReader(snapshot, id("user:reader@x.com")), false);
  });

  it("is not true of the admins group of the settings, which is about the fleet", () => {
    const admins = group("fleet-admins", { members: ["user:ann@x.com"] });
    const named = { ...settings, adminsGroup: "fleet-admins" };
    const snapshot = world({ settings: named, groups: [...groups, admins] });
    assert.equal(isReader(snapshot, id("user:ann@x.com")), false);
    assert.equal(isReader(snapshot, id("user:root@x.com")), true);
  });

  it("gives no permission at the server level", () => {
    const { fleet } = world({ settings, groups });
    for (const permission of swarmingPermissions) {
      assert.ok(!fleet.serverGroups(permission).includes("readers"), permission);
    }
  });
});
