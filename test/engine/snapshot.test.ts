import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSnapshot } from "../../src/engine/snapshot.ts";
import { maxWarningsPerKind } from "../../src/engine/warnings.ts";
import { bind, group, id, input, pool, realm, world, worldWithWarnings } from "./world.ts";

const ann = id("user:ann@x.com");

describe("createSnapshot", () => {
  it("carries the revision", () => {
    assert.equal(world({ revision: 42n }).revision, 42n);
  });

  it("needs nobody to hear its warnings", () => {
    assert.equal(createSnapshot(input()).authDb.isMember(ann, "ghost"), false);
  });

  it("does not change when its input does", () => {
    const members = ["user:ann@x.com"];
    const values = ["v"];
    const principals = ["user:ann@x.com"];
    const permission = "swarming.tasks.get";
    const parts = input({
      groups: [group("g", { members })],
      realms: [realm("p:r", bind(permission, principals, [{ attribute: "a", values }]))],
    });
    const { authDb } = createSnapshot(parts);
    members.pop();
    values.push("w");
    principals.push("user:bob@x.com");
    assert.equal(authDb.isMember(ann, "g"), true);
    assert.equal(authDb.hasPermission(ann, permission, "p:r", new Map([["a", "w"]])), false);
    const bob = id("user:bob@x.com");
    assert.equal(authDb.hasPermission(bob, permission, "p:r", new Map([["a", "v"]])), false);
  });

  const twice: readonly (readonly [string, Parameters<typeof input>[0]])[] = [
    ["group", { groups: [group("x"), group("x")] }],
    ["realm", { realms: [realm("p:x"), realm("p:x")] }],
    ["pool", { pools: [pool("x", "p:a"), pool("x", "p:b")] }],
  ];
  for (const [kind, parts] of twice) {
    it(`refuses two definitions of one ${kind}`, () => {
      assert.throws(() => createSnapshot(input(parts)), {
        name: "DomainError",
        reason: "INTERNAL_FAULT",
        metadata: { kind, name: kind === "realm" ? "p:x" : "x", problem: "is defined twice" },
      });
    });
  }

  it("reports a warning once, and only so many of a kind", () => {
    const { snapshot, warnings } = worldWithWarnings();
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < maxWarningsPerKind + 100; index += 1) {
        snapshot.fleet.realmOfPool(`pool-${index}`);
      }
    }
    assert.equal(warnings.length, maxWarningsPerKind + 1);
    assert.deepEqual(warnings.at(-1), { kind: "more", name: "unknown_pool" });
    snapshot.authDb.isMember(ann, "ghost");
    assert.deepEqual(warnings.at(-1), { kind: "unknown_group", name: "ghost" });
  });
});
