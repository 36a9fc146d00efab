import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { group, id, world, worldWithWarnings } from "./world.ts";

describe("isMember", () => {
  it("holds who is listed and nobody else", () => {
    const { authDb } = world({ groups: [group("g", { members: ["user:ann@x.com", "bot:b1"] })] });
    assert.equal(authDb.isMember(id("user:ann@x.com"), "g"), true);
    assert.equal(authDb.isMember(id("bot:b1"), "g"), true);
    assert.equal(authDb.isMember(id("user:bob@x.com"), "g"), false);
    assert.equal(authDb.isMember(id("service:b1"), "g"), false);
  });

  it("tells apart who asks by turns", () => {
    const { authDb } = world({ groups: [group("g", { members: ["bot:in", "bot:too"] })] });
    const answers = { "bot:in": true, "bot:out": false, "bot:too": true } as const;
    const bots = ["bot:in", "bot:out", "bot:too"] as const;
    for (const turn of bots.flatMap((a) => bots.flatMap((b) => bots.map((c) => [a, b, c, a, c])))) {
      for (const bot of turn) {
        assert.equal(authDb.isMember(id(bot), "g"), answers[bot], `${bot} of ${turn.join()}`);
      }
    }
  });

  it("folds the case of user: identities on both sides and of no other kind", () => {
    const { authDb } = world({ groups: [group("g", { members: ["user:Ann@X.com", "bot:B1"] })] });
    assert.equal(authDb.isMember(id("user:aNN@x.COM"), "g"), true);
    assert.equal(authDb.isMember(id("bot:B1"), "g"), true);
    assert.equal(authDb.isMember(id("bot:b1"), "g"), false);
  });

  it("takes members of every kind, projects, tasks and runners too", () => {
    const kinds = [
      "anonymous:anonymous",
      "bot:b",
      "project:p",
      "service:s",
      "user:u@x",
      "task:t",
      "runner:r",
    ];
    const { authDb } = world({ groups: [group("g", { members: kinds })] });
    for (const kind of kinds) assert.equal(authDb.isMember(id(kind), "g"), true, kind);
  });

  it("matches globs against the identity as given, within one kind", () => {
    const { authDb } = world({ groups: [group("g", { globs: ["user:*@x.com", "bot:*"] })] });
    assert.equal(authDb.isMember(id("user:ann@x.com"), "g"), true);
    assert.equal(authDb.isMember(id("user:Ann@x.com"), "g"), true);
    assert.equal(authDb.isMember(id("user:ann@X.com"), "g"), false);
    assert.equal(authDb.isMember(id("bot:any"), "g"), true);
    assert.equal(authDb.isMember(id("service:any"), "g"), false);
  });

  it("counts a glob for every group that holds it", () => {
    const groups = [group("g", { globs: ["user:*"] }), group("h", { globs: ["user:*"] })];
    const { authDb } = world({ groups });
    assert.equal(authDb.isMember(id("user:a@x"), "g"), true);
    assert.equal(authDb.isMember(id("user:a@x"), "h"), true);
  });

  it("counts members and globs of nested groups at any depth", () => {
    const { authDb } = world({
      groups: [
        group("top", { nested: ["middle"] }),
        group("middle", { nested: ["low"] }),
        group("low", { members: ["user:ann@x"], globs: ["bot:*"] }),
      ],
    });
    for (const name of ["top", "middle", "low"]) {
      assert.equal(authDb.isMember(id("user:ann@x"), name), true, name);
      assert.equal(authDb.isMember(id("bot:b"), name), true, name);
    }
  });

  it("does not run up: the members of a group are not in those that it nests", () => {
    const { authDb } = world({
      groups: [group("outer", { members: ["user:ann@x"], nested: ["inner"] }), group("inner")],
    });
    assert.equal(authDb.isMember(id("user:ann@x"), "inner"), false);
  });

  it("does not make the owners of a group its members", () => {
    const { authDb } = world({
      groups: [group("g", { owners: "o" }), group("o", { members: ["user:ann@x"] })],
    });
    assert.equal(authDb.isMember(id("user:ann@x"), "g"), false);
  });

  it("takes an unknown group as empty and warns once", () => {
    const { snapshot, warnings } = worldWithWarnings();
    assert.equal(snapshot.authDb.isMember(id("user:ann@x"), "ghost"), false);
    assert.equal(snapshot.authDb.isMember(id("user:bob@x"), "ghost"), false);
    assert.deepEqual(warnings, [{ kind: "unknown_group", name: "ghost" }]);
  });

  it("skips nested groups that do not exist, with a warning", () => {
    const { snapshot, warnings } = worldWithWarnings({
      groups: [group("g", { nested: ["ghost", "h"] }), group("h", { members: ["user:ann@x"] })],
    });
    assert.equal(snapshot.authDb.isMember(id("user:ann@x"), "g"), true);
    assert.deepEqual(warnings, [{ kind: "unknown_group", name: "ghost" }]);
  });

  it("puts the members of one group of a cycle into all of them", () => {
    const { authDb } = world({
      groups: [
        group("a", { nested: ["b"] }),
        group("b", { nested: ["c"], members: ["user:ann@x"] }),
        group("c", { nested: ["a"] }),
        group("self", { nested: ["self"], members: ["user:bob@x"] }),
      ],
    });
    for (const name of ["a", "b", "c"]) {
      assert.equal(authDb.isMember(id("user:ann@x"), name), true, name);
      assert.equal(authDb.isMember(id("user:bob@x"), name), false, name);
    }
    assert.equal(authDb.isMember(id("user:bob@x"), "self"), true);
  });

  it("passes over malformed members and globs with a warning, even those that folding would mend", () => {
    // U+212A, the Kelvin sign, is "k" in lower case.
    const { snapshot, warnings } = worldWithWarnings({
      groups: [group("g", { members: ["user:\u212aim@x", "ann"], globs: ["user:", "*"] })],
    });
    assert.equal(snapshot.authDb.isMember(id("user:kim@x"), "g"), false);
    assert.deepEqual(warnings, [{ kind: "malformed_member", name: "g" }]);
  });

  it("treats anonymous like anybody", () => {
    const groups = [
      group("all", { globs: ["user:*"] }),
      group("open", { members: ["anonymous:anonymous"] }),
    ];
    const { authDb } = world({ groups });
    assert.equal(authDb.isMember(id("anonymous:anonymous"), "all"), false);
    assert.equal(authDb.isMember(id("anonymous:anonymous"), "open"), true);
  });
});

describe("isMemberOfAny", () => {
  const { authDb } = world({ groups: [group("a"), group("b", { members: ["user:ann@x"] })] });

  it("is true when one of the groups holds the identity", () => {
    assert.equal(authDb.isMemberOfAny(id("user:ann@x"), ["ghost", "a", "b"]), true);
  });

  it("is false when none does", () => {
    assert.equal(authDb.isMemberOfAny(id("user:bob@x"), ["ghost", "a", "b"]), false);
  });

  it("is false for an empty list", () => {
    assert.equal(authDb.isMemberOfAny(id("user:ann@x"), []), false);
  });
});
