import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as names from "../../src/domain/names.ts";

const x = (count: number): string => "x".repeat(count);

// For each rule: what it accepts, what it refuses.
const rules: Readonly<
  Record<string, readonly [names.NameRule, readonly string[], readonly string[]]>
> = {
  groupName: [
    names.groupName,
    ["g", "0-9_a.b@c", "google/g", "a-b/g", "-/-", x(100), `p/${x(100)}`],
    ["", "G", "g h", "a/", "/g", "a/b/c", "a1/g", "A/g", "a:b", "g\n", "é", x(101)],
  ],
  projectName: [
    names.projectName,
    ["p", "a-b_9", "@internal", x(100)],
    ["", "P", "a.b", "@root", "@internal2", "a/b", "p\n", "p:r", x(101)],
  ],
  realmName: [
    names.realmName,
    ["r", "a/b.c-d_9", "@root", "@legacy", "@project", "/", x(400)],
    ["", "R", "@other", "@", "@roots", "a@b", "a:b", "r\n", x(401)],
  ],
  fullRealmName: [
    names.fullRealmName,
    ["p:r", "@internal:r", "@internal:@root", "p:@root", "p:a/b"],
    ["", "p", ":", "p:", ":r", "p:a:b", "P:r", "p:R", "@root:r", "p:@x", " p:r", "p:r "],
  ],
  permissionName: [
    names.permissionName,
    ["a.b.c", "swarming.tasks.get", "A.B.C", "a .b.c", `a.b.${x(196)}`],
    ["", "a", "a.b", "a.b.c.d", ".b.c", "a..c", "a.b.", "a.b.c\n", "a.b.\ud800", `a.b.${x(197)}`],
  ],
  roleName: [
    names.roleName,
    ["role/a", "role/luci.internal.x", "role/a/b", `role/${x(295)}`],
    ["", "role/", "a", "customRole/a", "Role/a", "role/\0", `role/${x(296)}`],
  ],
  customRoleName: [
    names.customRoleName,
    ["customRole/a", `customRole/${x(289)}`],
    ["", "customRole/", "role/a", "customrole/a", `customRole/${x(290)}`],
  ],
  poolName: [
    names.poolName,
    ["p", "chromium.tests.gpu", "A b", "é", "\u{1f600}", x(256)],
    ["", " ", " p", "p ", "a:b", "a\nb", "\u0085", "\u2028", "\ud800", x(257)],
  ],
  botId: [names.botId, ["vm1-m1", "host--7"], ["", "a:b", " b", x(257)]],
  taskId: [names.taskId, ["5e2c1f", "a:b", " t", x(256)], ["", "a\nb", "\udc00", x(257)]],
  sourceName: [names.sourceName, ["main", "a-b_c.9", x(100)], ["", "Main", "a/b", "a b", x(101)]],
  botGroupName: [names.botGroupName, ["g", "A/b.c-d_9", x(100)], ["", "a b", "a:b", "é", x(101)]],
};

for (const [name, [rule, accepted, refused]] of Object.entries(rules)) {
  describe(name, () => {
    for (const text of accepted) {
      it(`accepts ${show(text)}`, () => assert.equal(rule.test(text), true));
    }
    for (const text of refused) {
      it(`refuses ${show(text)}`, () => assert.equal(rule.test(text), false));
    }
    it("says its rule in words that can follow the name of a field", () => {
      assert.match(rule.rule, /^must /);
    });
  });
}

function show(text: string): string {
  return text.length <= 40 ? JSON.stringify(text) : `${text.length} characters`;
}

describe("the table of this test", () => {
  it("has every rule", () => {
    const exported = Object.entries(names).filter(([, value]) => typeof value === "object");
    assert.deepEqual(exported.map(([name]) => name).sort(), Object.keys(rules).sort());
  });
});

describe("splitRealm", () => {
  it("gives the project and the local name", () => {
    assert.deepEqual(names.splitRealm("p:a/b"), { project: "p", realm: "a/b" });
    assert.deepEqual(names.splitRealm("@internal:@root"), { project: "@internal", realm: "@root" });
  });
});

describe("rootGroup", () => {
  it("is a good group name that no import can write", () => {
    assert.equal(names.groupName.test(names.rootGroup), true);
    assert.equal(names.rootGroup.includes("/"), false);
  });
});
