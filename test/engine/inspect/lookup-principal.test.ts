import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GroupMembership, LookedUp } from "../../../src/engine/inspect/listings.ts";
import { lookupPrincipal } from "../../../src/engine/inspect/lookup-principal.ts";
import { group } from "../world.ts";
import { inspect } from "./inspect-world.ts";

function held(name: string, parts: Partial<GroupMembership> = {}): GroupMembership {
  return { group: name, member: "", globs: [], nested: [], source: `of-${name}`, ...parts };
}

const ann: LookedUp = { kind: "identity", identity: "user:Ann@x.com" };

describe("lookupPrincipal", () => {
  const inspection = inspect({
    groups: [
      group("top", { nested: ["zoo", "mid", "ghosts", "empty"] }),
      group("mid", { nested: ["low"], members: ["user:ANN@x.com"] }),
      group("low", { globs: ["user:A*", "user:*@x.com", "user:a*", "bot:*"] }),
      group("zoo", { members: ["user:ann@x.com", "user:bob@x.com"], globs: ["user:*@x.com"] }),
      group("empty"),
    ],
  });

  it("lists each group with the member as typed, every glob that matches, and what it nests", () => {
    assert.deepEqual(lookupPrincipal(inspection, ann), [
      held("low", { globs: ["user:*@x.com", "user:A*"] }),
      held("mid", { member: "user:ANN@x.com", nested: ["low"] }),
      held("top", { nested: ["mid", "zoo"] }),
      held("zoo", { member: "user:ann@x.com", globs: ["user:*@x.com"] }),
    ]);
  });

  it("lists nothing for an identity that no group holds", () => {
    const nobody: LookedUp = { kind: "identity", identity: "service:nobody" };
    assert.deepEqual(lookupPrincipal(inspection, nobody), []);
  });

  it("lists for a glob the groups that hold this very text, and those above", () => {
    const lookup = (glob: string): unknown => lookupPrincipal(inspection, { kind: "glob", glob });
    assert.deepEqual(lookup("user:*@x.com"), [
      held("low", { globs: ["user:*@x.com"] }),
      held("mid", { nested: ["low"] }),
      held("top", { nested: ["mid", "zoo"] }),
      held("zoo", { globs: ["user:*@x.com"] }),
    ]);
    assert.deepEqual(lookup("user:*"), []);
    assert.deepEqual(lookup("user:ann@x.com"), []);
  });

  it("lists for a group those that nest it at any depth, and not itself", () => {
    assert.deepEqual(lookupPrincipal(inspection, { kind: "group", group: "low" }), [
      held("mid", { nested: ["low"] }),
      held("top", { nested: ["mid"] }),
    ]);
    assert.deepEqual(lookupPrincipal(inspection, { kind: "group", group: "top" }), []);
  });

  it("is undefined for a group that does not exist", () => {
    assert.equal(lookupPrincipal(inspection, { kind: "group", group: "ghosts" }), undefined);
  });

  it("survives cycles, and lists the group that is asked about not even then", () => {
    const cyclic = inspect({
      groups: [
        group("a", { nested: ["b", "a"], members: ["bot:a"] }),
        group("b", { nested: ["a"] }),
        group("c", { nested: ["b", "c"] }),
      ],
    });
    assert.deepEqual(lookupPrincipal(cyclic, { kind: "group", group: "a" }), [
      held("b", { nested: ["a"] }),
      held("c", { nested: ["b", "c"] }),
    ]);
    assert.deepEqual(lookupPrincipal(cyclic, { kind: "identity", identity: "bot:a" }), [
      held("a", { member: "bot:a", nested: ["a", "b"] }),
      held("b", { nested: ["a"] }),
      held("c", { nested: ["b", "c"] }),
    ]);
  });

  it("passes over malformed members and globs", () => {
    const odd = inspect({
      groups: [group("g", { members: ["user:\u212aate@x.com", "kate"], globs: ["*", "user:"] })],
    });
    const kate: LookedUp = { kind: "identity", identity: "user:kate@x.com" };
    assert.deepEqual(lookupPrincipal(odd, kate), []);
  });

  it("climbs a chain of 100,000 nested groups", () => {
    const count = 100_000;
    const groups = Array.from({ length: count }, (_, index) =>
      group(`g${index}`, index === 0 ? { members: ["bot:b"] } : { nested: [`g${index - 1}`] }),
    );
    const found = lookupPrincipal(inspect({ groups }), { kind: "identity", identity: "bot:b" });
    assert.equal(found?.length, count);
  });
});
