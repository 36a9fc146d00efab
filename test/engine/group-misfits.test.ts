import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGroupGraph } from "../../src/engine/group-graph-builder.ts";
import { isGroupChange, type GroupChange } from "../../src/engine/group-graph.ts";
import { changeMember, create, deletion, just } from "./make-changes.ts";
import { silence, telling } from "./telling.ts";
import { group } from "./world.ts";

describe("a change that does not fit", () => {
  const graph = createGroupGraph(
    [
      group("a", { members: ["user:Ann@x.com"], globs: ["bot:*"], nested: ["b"] }),
      group("b", { members: ["bot:x"] }),
    ],
    silence,
  );
  const [createA] = create("a");
  const [, globOfA] = create("a", { globs: ["bot:*"] });
  const [, nestedOfA] = create("a", { nested: ["b"] });
  const [, otherGlob] = create("a", { globs: ["user:*"] });
  const reverse = (change: GroupChange | undefined): readonly GroupChange[] => {
    assert.ok(change?.change.after !== undefined);
    const { before, after, ...rest } = change.change;
    return just({ ...rest, before: after, after: before } as GroupChange["change"]);
  };
  const misfits: readonly (readonly [string, readonly (GroupChange | undefined)[]])[] = [
    ["creates a group that exists", [createA]],
    ["deletes a group that is missing", just(deletion("ghost"))],
    ["deletes a group with parts", just(deletion("b"))],
    [
      "updates a group that is missing",
      just({
        kind: "group",
        key: "ghost",
        before: { name: "ghost", description: "", owners: "a" },
        after: { name: "ghost", description: "x", owners: "a" },
      }),
    ],
    ["adds a member that is one", just(changeMember("b", undefined, "bot:x"))],
    ["adds another text of a member", just(changeMember("a", undefined, "user:ann@x.com"))],
    ["removes a member that is none", just(changeMember("b", "bot:y", undefined))],
    ["removes a member by another text", just(changeMember("a", "user:ann@x.com", undefined))],
    ["adds a member to a group that is missing", just(changeMember("ghost", undefined, "bot:y"))],
    ["adds a glob that is held", [globOfA]],
    ["removes a glob that is not held", reverse(otherGlob)],
    ["adds a nesting that there is", [nestedOfA]],
    ["removes a nesting that there is not", reverse(create("a", { nested: ["c"] })[1])],
    [
      "changes from nothing to nothing",
      just({ kind: "group", key: "a", before: undefined, after: undefined }),
    ],
  ];
  const before = telling(graph);
  const good = just(changeMember("b", undefined, "bot:new"));
  for (const [what, changes] of misfits) {
    for (const how of ["advance", "branch"] as const) {
      it(`is refused when it ${what}, and nothing has changed: ${how}`, () => {
        const all = [...good, ...changes.filter((change) => change !== undefined)];
        assert.equal(all.length, 1 + changes.length);
        assert.throws(() => graph[how](all), { name: "DomainError", reason: "INTERNAL_FAULT" });
        assert.deepEqual(telling(graph), before);
      });
    }
  }
});

describe("malformed parts of a change", () => {
  it("are passed over with a warning, and with none when they go", () => {
    const warnings: string[] = [];
    const graph = createGroupGraph([group("a")], (kind, name) => warnings.push(`${kind} ${name}`));
    const [, badGlob] = create("a", { globs: ["nothing"] });
    assert.ok(badGlob !== undefined);
    const next = graph.advance([...just(changeMember("a", undefined, "nobody")), badGlob]);
    assert.deepEqual(warnings, ["malformed_member a", "malformed_member a"]);
    assert.equal(next.entry("a")?.members.size, 0);
    assert.deepEqual(next.entry("a")?.globs, []);
    next.advance(just(changeMember("a", "nobody", undefined)));
    assert.equal(warnings.length, 2);
  });
});

describe("isGroupChange", () => {
  it("is true of groups and their parts alone", () => {
    for (const { change } of create("a", { members: ["bot:b"], globs: ["bot:*"], nested: ["b"] })) {
      assert.equal(isGroupChange(change), true);
    }
    const pool = { name: "p", realm: "p:r", defaultTaskRealm: "" };
    assert.equal(isGroupChange({ kind: "pool", key: "p", before: undefined, after: pool }), false);
  });
});
