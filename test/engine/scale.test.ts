import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Group } from "../../src/domain/model.ts";
import { bind, group, id, realm, world } from "./world.ts";

const ann = id("user:ann@x.com");
const bob = id("user:bob@x.com");
const permission = "swarming.tasks.get";

describe("the engine at scale", () => {
  it("answers through a chain of 10,000 nested groups", () => {
    const length = 10_000;
    const groups: Group[] = [];
    for (let index = 0; index < length; index += 1) {
      groups.push(group(`g${index}`, { nested: [`g${index + 1}`] }));
    }
    groups.push(group(`g${length}`, { members: [ann] }));
    const { authDb } = world({ groups, realms: [realm("p:r", bind(permission, ["group:g0"]))] });
    assert.equal(authDb.isMember(ann, "g0"), true);
    assert.equal(authDb.isMember(bob, "g0"), false);
    assert.equal(authDb.hasPermission(ann, permission, "p:r"), true);
  });

  it("answers in a cycle of 10,000 groups", () => {
    const length = 10_000;
    const groups = Array.from({ length }, (_, index) =>
      group(`g${index}`, {
        nested: [`g${(index + 1) % length}`],
        members: index === 5000 ? [ann] : [],
      }),
    );
    const { authDb } = world({ groups });
    assert.equal(authDb.isMember(ann, "g0"), true);
    assert.equal(authDb.isMember(ann, "g9999"), true);
    assert.equal(authDb.isMember(bob, "g0"), false);
  });

  it("answers about a group of 1,000,000 members", () => {
    const members = Array.from({ length: 1_000_000 }, (_, index) => `bot:b${index}`);
    const { authDb } = world({
      groups: [group("all", { nested: ["big"] }), group("big", { members })],
    });
    assert.equal(authDb.isMember(id("bot:b0"), "all"), true);
    assert.equal(authDb.isMember(id("bot:b999999"), "all"), true);
    assert.equal(authDb.isMember(id("bot:b1000000"), "all"), false);
  });

  it("answers through 2^40 paths of nested diamonds", () => {
    const groups: Group[] = [];
    for (let level = 0; level < 40; level += 1) {
      const next = [`left${level + 1}`, `right${level + 1}`];
      groups.push(
        group(`left${level}`, { nested: next }),
        group(`right${level}`, { nested: next }),
      );
    }
    groups.push(group("left40", { members: [ann] }), group("right40"));
    const { authDb } = world({ groups });
    assert.equal(authDb.isMember(ann, "left0"), true);
    assert.equal(authDb.isMember(ann, "right39"), true);
    assert.equal(authDb.isMember(ann, "right40"), false);
    assert.equal(authDb.isMember(bob, "left0"), false);
  });

  it("answers in a realm of 10,000 bindings of one permission", () => {
    const bindings = Array.from({ length: 10_000 }, (_, index) =>
      bind(
        permission,
        [`bot:b${index}`],
        index % 2 === 0 ? [] : [{ attribute: "a", values: ["v"] }],
      ),
    );
    const { authDb } = world({ realms: [realm("p:r", ...bindings)] });
    const attributes = new Map([["a", "v"]]);
    assert.equal(authDb.hasPermission(id("bot:b9998"), permission, "p:r"), true);
    assert.equal(authDb.hasPermission(id("bot:b9999"), permission, "p:r"), false);
    assert.equal(authDb.hasPermission(id("bot:b9999"), permission, "p:r", attributes), true);
  });

  it("answers a flood of identities that each are in 1,000 groups", () => {
    const groups: Group[] = [group("g0", { globs: ["user:*"] })];
    for (let index = 1; index < 1000; index += 1) {
      groups.push(group(`g${index}`, { nested: [`g${index - 1}`] }));
    }
    const { authDb } = world({ groups });
    for (let index = 0; index < 20_000; index += 1) {
      assert.equal(authDb.isMember(id(`user:u${index}@x.com`), "g999"), true);
    }
  });

  it("matches globs of many stars in a time that does not explode", () => {
    const glob = `user:${"*a".repeat(200)}*b@x`;
    const { authDb } = world({ groups: [group("g", { globs: [glob] })] });
    assert.equal(authDb.isMember(id(`user:${"a".repeat(400)}@x`), "g"), false);
    assert.equal(authDb.isMember(id(`user:${"a".repeat(400)}b@x`), "g"), true);
  });
});
