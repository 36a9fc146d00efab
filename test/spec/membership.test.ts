import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isMember, isPrincipal } from "./membership.ts";
import type { World } from "./world.ts";

const world: World = {
  groups: [
    { name: "outer", owners: "owners", nested: ["left", "right"] },
    { name: "left", nested: ["inner"] },
    { name: "right", nested: ["inner"], members: ["bot:VM1"] },
    { name: "inner", members: ["user:Ann@X.com", "project:p"], globs: ["user:*@y.org"] },
    { name: "owners", members: ["user:olga@x.com"] },
    { name: "ping", nested: ["pong"], members: ["user:pia@x.com"] },
    { name: "pong", nested: ["ping", "missing"] },
    { name: "all", members: ["anonymous:anonymous"] },
  ],
};

describe("isMember", () => {
  const cases: readonly (readonly [identity: string, group: string, expected: boolean])[] = [
    ["user:ann@x.com", "inner", true],
    ["user:ANN@X.COM", "inner", true],
    ["user:ann@x.com", "outer", true],
    ["user:ann@x.com", "right", true],
    ["user:bob@y.org", "outer", true],
    ["user:bob@Y.org", "outer", false],
    ["bot:VM1", "outer", true],
    ["bot:vm1", "outer", false],
    ["bot:VM1", "left", false],
    ["project:p", "outer", true],
    ["user:olga@x.com", "outer", false],
    ["user:ann@x.com", "missing", false],
    ["user:pia@x.com", "pong", true],
    ["user:ann@x.com", "ping", false],
    ["anonymous:anonymous", "all", true],
    ["anonymous:anonymous", "outer", false],
  ];
  for (const [identity, group, expected] of cases) {
    test(`${identity} is ${expected ? "" : "not "}in ${group}`, () => {
      assert.equal(isMember(world, identity, group), expected);
    });
  }

  test("an empty world has no members", () => {
    assert.equal(isMember({}, "user:ann@x.com", "all"), false);
  });
});

describe("isPrincipal", () => {
  const cases: readonly (readonly [string, readonly string[], boolean])[] = [
    ["user:ann@x.com", ["user:ANN@x.com"], true],
    ["user:ann@x.com", ["user:*"], false],
    ["user:ann@x.com", ["group:missing", "group:left"], true],
    ["bot:vm1", ["bot:VM1"], false],
    ["user:ann@x.com", [], false],
  ];
  for (const [identity, principals, expected] of cases) {
    test(`${identity} is ${expected ? "" : "not "}among ${JSON.stringify(principals)}`, () => {
      assert.equal(isPrincipal(world, identity, principals), expected);
    });
  }
});
