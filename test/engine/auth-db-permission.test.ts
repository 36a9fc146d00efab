import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bind, group, id, realm, world, worldWithWarnings } from "./world.ts";

const ann = id("user:ann@x.com");
const bob = id("user:bob@x.com");
const get = "swarming.tasks.get";
const cancel = "swarming.tasks.cancel";

describe("hasPermission", () => {
  it("gives a bound permission to a direct principal, in that realm only", () => {
    const { authDb } = world({
      realms: [realm("p:r", bind(get, ["user:ann@x.com"])), realm("p:other")],
    });
    assert.equal(authDb.hasPermission(ann, get, "p:r"), true);
    assert.equal(authDb.hasPermission(bob, get, "p:r"), false);
    assert.equal(authDb.hasPermission(ann, cancel, "p:r"), false);
    assert.equal(authDb.hasPermission(ann, get, "p:other"), false);
  });

  it("folds direct user: principals on both sides and no other kind", () => {
    const { authDb } = world({ realms: [realm("p:r", bind(get, ["user:Ann@X.com", "bot:B"]))] });
    assert.equal(authDb.hasPermission(id("user:aNN@x.com"), get, "p:r"), true);
    assert.equal(authDb.hasPermission(id("bot:B"), get, "p:r"), true);
    assert.equal(authDb.hasPermission(id("bot:b"), get, "p:r"), false);
  });

  it("gives group: principals to everybody whom the group holds, through globs and nesting", () => {
    const { authDb } = world({
      groups: [
        group("top", { nested: ["low"] }),
        group("low", { members: ["user:ANN@x.com"], globs: ["bot:*"] }),
      ],
      realms: [realm("p:r", bind(get, ["group:top"]))],
    });
    assert.equal(authDb.hasPermission(ann, get, "p:r"), true);
    assert.equal(authDb.hasPermission(id("bot:b1"), get, "p:r"), true);
    assert.equal(authDb.hasPermission(bob, get, "p:r"), false);
  });

  it("does not understand globs as principals", () => {
    const { authDb } = world({ realms: [realm("p:r", bind(get, ["user:*@x.com", "bot:*"]))] });
    assert.equal(authDb.hasPermission(ann, get, "p:r"), false);
    assert.equal(authDb.hasPermission(id("bot:b"), get, "p:r"), false);
  });

  it("passes over unknown groups and malformed principals with warnings", () => {
    const { snapshot, warnings } = worldWithWarnings({
      realms: [realm("p:r", bind(get, ["group:ghost", "group:", "nobody", "user:ann@x.com"]))],
    });
    assert.equal(snapshot.authDb.hasPermission(ann, get, "p:r"), true);
    assert.deepEqual(warnings, [
      { kind: "unknown_group", name: "ghost" },
      { kind: "unknown_group", name: "" },
      { kind: "malformed_principal", name: "p:r" },
    ]);
  });

  it("unites bindings of one permission", () => {
    const { authDb } = world({
      realms: [realm("p:r", bind(get, ["user:ann@x.com"]), bind(get, ["user:bob@x.com"]))],
    });
    assert.equal(authDb.hasPermission(ann, get, "p:r"), true);
    assert.equal(authDb.hasPermission(bob, get, "p:r"), true);
  });

  it("unites bindings of groups, and of several permissions that overlap", () => {
    const { authDb } = world({
      groups: [group("a", { members: [ann] }), group("b", { members: [bob] })],
      realms: [
        realm(
          "p:r",
          { permissions: [get, cancel], principals: ["group:a"], conditions: [] },
          { permissions: [get], principals: ["group:b", "bot:x"], conditions: [] },
          { permissions: [cancel, cancel], principals: ["bot:y"], conditions: [] },
        ),
      ],
    });
    const who = [ann, bob, id("bot:x"), id("bot:y")];
    const having = (permission: string): boolean[] =>
      who.map((identity) => authDb.hasPermission(identity, permission, "p:r"));
    assert.deepEqual(having(get), [true, true, true, false]);
    assert.deepEqual(having(cancel), [true, false, false, true]);
  });

  it("never gives a permission that nobody declared, and says so before it looks at the realm", () => {
    const { snapshot, warnings } = worldWithWarnings({
      realms: [realm("p:r", bind("a.b.c", ["user:ann@x.com"]))],
    });
    assert.equal(snapshot.authDb.hasPermission(ann, "a.b.c", "p:r"), false);
    assert.equal(snapshot.authDb.hasPermission(ann, "a.b.c", "p:undefined"), false);
    assert.deepEqual(warnings, [{ kind: "undeclared_permission", name: "a.b.c" }]);
  });

  it("never gives one to a test of many realms either, and says so when it is asked", () => {
    const { snapshot, warnings } = worldWithWarnings({
      realms: [realm("p:r", bind("a.b.c", ["user:ann@x.com"]))],
    });
    const test = snapshot.authDb.permissionTest(ann, "a.b.c");
    assert.deepEqual(warnings, []);
    assert.equal(test("p:r"), false);
    assert.deepEqual(warnings, [{ kind: "undeclared_permission", name: "a.b.c" }]);
  });

  it("gives a permission that the configuration declares", () => {
    const { authDb } = world({
      permissions: ["a.b.c"],
      realms: [realm("p:r", bind("a.b.c", ["user:ann@x.com"]))],
    });
    assert.equal(authDb.hasPermission(ann, "a.b.c", "p:r"), true);
  });
});

describe("hasPermission in a realm that is not defined", () => {
  const root = realm("p:@root", bind(get, ["user:ann@x.com"]));

  it("falls back to the root of the project, special realms too", () => {
    const { authDb } = world({ realms: [root] });
    for (const name of ["p:r", "p:a/b", "p:@legacy", "p:@project"]) {
      assert.equal(authDb.hasPermission(ann, get, name), true, name);
      assert.equal(authDb.hasPermission(bob, get, name), false, name);
    }
  });

  it("does not fall back to the root of another project", () => {
    const { authDb } = world({ realms: [root, realm("q:r")] });
    assert.equal(authDb.hasPermission(ann, get, "q:other"), false);
    assert.equal(authDb.hasPermission(ann, get, "q:@root"), false);
    assert.equal(authDb.hasPermission(ann, get, "pp:r"), false);
  });

  it("has a root in @internal like in any project", () => {
    const { authDb } = world({ realms: [realm("@internal:@root", bind(get, ["user:ann@x.com"]))] });
    assert.equal(authDb.hasPermission(ann, get, "@internal:r"), true);
  });

  it("is no when the root is not defined either, with a warning each", () => {
    const { snapshot, warnings } = worldWithWarnings();
    assert.equal(snapshot.authDb.hasPermission(ann, get, "p:r"), false);
    assert.equal(snapshot.authDb.hasPermission(ann, get, "p:@root"), false);
    assert.deepEqual(warnings, [
      { kind: "undefined_realm", name: "p:r" },
      { kind: "undefined_realm", name: "p:@root" },
    ]);
  });

  it("does not fall back from a realm that is defined, be it empty", () => {
    const noPrincipals = realm("p:hollow", bind(get, []));
    const { snapshot, warnings } = worldWithWarnings({
      realms: [root, realm("p:empty"), noPrincipals],
    });
    assert.equal(snapshot.authDb.hasPermission(ann, get, "p:empty"), false);
    assert.equal(snapshot.authDb.hasPermission(ann, get, "p:hollow"), false);
    assert.deepEqual(warnings, []);
  });

  it("does not fall back from a malformed name", () => {
    const { authDb } = world({ realms: [root] });
    for (const name of ["", "p", "p:", "p:R", "p:a:b", "p:@other", "p:r\n"]) {
      assert.equal(authDb.hasPermission(ann, get, name), false, JSON.stringify(name));
    }
  });
});

describe("hasPermission under conditions", () => {
  const where = { attribute: "where", values: ["lab", "field"] };
  const when = { attribute: "when", values: ["day"] };
  const cases: readonly (readonly [
    string,
    readonly (typeof where)[],
    Record<string, string> | undefined,
    boolean,
  ])[] = [
    ["no conditions, no attributes: yes", [], undefined, true],
    ["no conditions, any attributes: yes", [], { where: "moon" }, true],
    ["the value is in the list: yes", [where], { where: "field" }, true],
    ["the value is not in the list: no", [where], { where: "moon" }, false],
    ["values compare exactly: no", [where], { where: "Lab" }, false],
    ["no attributes at all: no", [where], undefined, false],
    ["the attribute is missing: no", [where], { when: "lab" }, false],
    [
      "an empty text is not a missing attribute: yes",
      [{ ...where, values: [""] }],
      { where: "" },
      true,
    ],
    ["a missing attribute is not an empty text: no", [{ ...where, values: [""] }], {}, false],
    [
      "an empty list of values never holds: no",
      [{ ...where, values: [] }],
      { where: "lab" },
      false,
    ],
    ["all conditions hold: yes", [where, when], { where: "lab", when: "day" }, true],
    ["the last one does not hold: no", [where, when], { where: "lab", when: "night" }, false],
    ["the first one does not hold: no", [where, when], { where: "moon", when: "day" }, false],
    [
      "one attribute under two conditions must satisfy both: no",
      [where, { ...where, values: ["moon"] }],
      { where: "lab" },
      false,
    ],
    [
      "names like those of object members are only names: no",
      [{ attribute: "constructor", values: ["x"] }],
      {},
      false,
    ],
  ];
  for (const [name, conditions, attributes, expected] of cases) {
    it(name, () => {
      const { authDb } = world({
        realms: [realm("p:r", bind(get, ["user:ann@x.com"], conditions))],
      });
      const given = attributes === undefined ? undefined : new Map(Object.entries(attributes));
      assert.equal(authDb.hasPermission(ann, get, "p:r", given), expected);
      assert.equal(authDb.hasPermission(bob, get, "p:r", given), false);
    });
  }

  it("lets an unconditional binding stand beside a conditional one", () => {
    const { authDb } = world({
      realms: [realm("p:r", bind(get, ["user:bob@x.com"], [where]), bind(get, ["user:ann@x.com"]))],
    });
    assert.equal(authDb.hasPermission(ann, get, "p:r"), true);
    assert.equal(authDb.hasPermission(bob, get, "p:r"), false);
    assert.equal(authDb.hasPermission(bob, get, "p:r", new Map([["where", "lab"]])), true);
  });
});
