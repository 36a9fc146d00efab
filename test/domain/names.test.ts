import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import * as names from "../../src/domain/names.ts";
import { hasForbiddenCharacter } from "../../src/domain/text.ts";

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

// The rules said at length, without a short way for the names of every day.
function isForbidden(text: string): boolean {
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/u.test(text);
}

function isPoolBySpec(text: string): boolean {
  const isBounded = text.length >= 1 && text.length <= 256;
  return isBounded && !text.includes(":") && text.trim() === text && !isForbidden(text);
}

function isPermissionBySpec(text: string): boolean {
  const parts = text.split(".");
  const isWhole = parts.length === 3 && parts.every((part) => part !== "");
  return isWhole && text.length <= 200 && !isForbidden(text);
}

describe("the short ways of the names of every day", () => {
  it("accept nothing but what the rules accept, and the rules the same as without them", () => {
    const part = fc.constantFrom(
      ..."aZ09_-/@ .:!~\u007f\u0080\u00a0é\u2028\t\n\ud800\udc00😀".split(""),
      "..",
      "swarming",
      "x".repeat(100),
      "y".repeat(96),
    );
    const texts = fc.array(part, { maxLength: 6 }).map((list) => list.join(""));
    const permissions = fc.array(texts, { maxLength: 4 }).map((list) => list.join("."));
    fc.assert(
      fc.property(fc.oneof(texts, permissions), (text) => {
        assert.equal(names.poolName.test(text), isPoolBySpec(text));
        assert.equal(names.permissionName.test(text), isPermissionBySpec(text));
        assert.equal(hasForbiddenCharacter(text), isForbidden(text));
      }),
      { numRuns: 3000 },
    );
  });
});
