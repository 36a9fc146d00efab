import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultSettings } from "../../src/domain/model.ts";
import { advanceSnapshot } from "../../src/engine/snapshot.ts";
import { create } from "./make-changes.ts";
import { bind, group, id, realm, world, worldWithWarnings } from "./world.ts";

const [ann, bob] = [id("user:ann@x.com"), id("user:bob@x.com")];
const createBot = "swarming.pools.createBot";
const settings = { ...defaultSettings, botBootstrapGroup: "boot", adminsGroup: "gone" };

describe("hasServerPermission", () => {
  it("warns of an unknown group when somebody is found in none before it, and then no more", () => {
    const { snapshot, warnings } = worldWithWarnings({
      settings,
      groups: [group("boot", { members: [ann] })],
    });
    assert.equal(snapshot.authDb.hasServerPermission(ann, createBot), true);
    assert.deepEqual(warnings, []);
    for (let round = 0; round < 2; round += 1) {
      assert.equal(snapshot.authDb.hasServerPermission(bob, createBot), false);
      assert.equal(snapshot.authDb.hasServerPermission(ann, createBot), true);
      assert.deepEqual(warnings, [{ kind: "unknown_group", name: "gone" }]);
    }
  });

  it("heeds a group that came later, and one that is gone", () => {
    const before = world({ settings, groups: [group("boot", { members: [ann] })] });
    assert.equal(before.authDb.hasServerPermission(bob, createBot), false);
    const after = advanceSnapshot(before, {
      revision: 2n,
      groupChanges: create("gone", { members: [bob] }),
    });
    assert.equal(after.authDb.hasServerPermission(bob, createBot), true);
    assert.equal(before.authDb.hasServerPermission(bob, createBot), false);
  });

  it("needs no declaration, unlike the permission in a realm", () => {
    const { authDb } = world({
      permissions: [],
      settings,
      groups: [group("boot", { members: [ann] })],
      realms: [realm("p:r", bind(createBot, ["user:ann@x.com"]))],
    });
    assert.equal(authDb.hasServerPermission(ann, createBot), true);
    assert.equal(authDb.hasPermission(ann, createBot, "p:r"), false);
  });

  it("is nobody's of a permission without a server level", () => {
    const { authDb } = world({ groups: [group("administrators", { members: [ann] })] });
    for (const permission of ["swarming.pools.createTask", "a.b.c", "toString"]) {
      assert.equal(authDb.hasServerPermission(ann, permission), false, permission);
    }
    assert.equal(authDb.hasServerPermission(ann, createBot), true);
  });
});
