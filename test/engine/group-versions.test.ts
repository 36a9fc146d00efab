import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createGroupGraph } from "../../src/engine/group-graph-builder.ts";
import type { GroupChange } from "../../src/engine/group-graph.ts";
import { groupsOf } from "../../src/engine/groups/membership.ts";
import {
  advanceSnapshot,
  branchSnapshot,
  createSnapshot,
  type Snapshot,
} from "../../src/engine/snapshot.ts";
import { anyWish, carryOut, groupNames, type PlainGroups } from "./group-changes.ts";
import { changeMember, create, deletion, just } from "./make-changes.ts";
import { asked, silence, telling, toGroup } from "./telling.ts";
import { bind, group, id, input, realm } from "./world.ts";

const permission = "swarming.tasks.get";
// Every group is bound in a realm of its own, whether or not it exists at first.
const realms = [...groupNames, "ghost"].map((name, index) =>
  realm(`p:r${index}`, bind(permission, [`group:${name}`])),
);
const permitted = ({ authDb }: Snapshot): readonly string[] =>
  realms.flatMap(({ name }) =>
    asked
      .filter((text) => authDb.hasPermission(id(text), permission, name))
      .map((text) => `${name} ${text}`),
  );

function assertFresh(snapshot: Snapshot, plain: PlainGroups): void {
  const groups = [...plain].map(toGroup);
  assert.deepEqual(telling(snapshot.groups), telling(createGroupGraph(groups, silence)));
  const fresh = createSnapshot(input({ groups, realms }));
  assert.deepEqual(permitted(snapshot), permitted(fresh));
  for (const [name, { managedBy, revision }] of plain) {
    const entry = snapshot.groups.entry(name);
    assert.deepEqual([entry?.managedBy, entry?.revision], [managedBy, revision], name);
  }
}

const anySteps = fc.array(
  fc.record({
    /** Which version so far, from the newest back. */
    of: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(20)),
    how: fc.constantFrom("advance" as const, "advance" as const, "branch" as const),
    /** The wishes of each revision: several may come at one go. */
    revisions: fc.array(fc.array(anyWish, { maxLength: 6 }), { maxLength: 3 }),
    read: fc.nat(20),
  }),
  { maxLength: 12 },
);

const none = (): Snapshot => createSnapshot(input({ revision: 0n, realms }));

describe("the versions of the graph of groups", () => {
  it("number no name of a branch for ever, and keep the numbers of each apart", () => {
    const { groups } = createSnapshot(input({ groups: [group("a")] }));
    const first = groups.internGroup("first");
    const one = groups.branch(create("x", { nested: ["y"] }));
    const two = one.branch(create("z", { nested: ["a"] }));
    assert.equal(groups.internGroup("second"), first + 1);
    const names = (graph: typeof groups) =>
      ["a", "x", "y", "z"].map((name) => graph.internGroup(name));
    assert.equal(new Set(names(two)).size, 4);
    assert.deepEqual(names(one).slice(0, 3), names(two).slice(0, 3));
    assert.deepEqual(
      names(two).map((id) => two.nameOf(id)),
      ["a", "x", "y", "z"],
    );
    assert.equal(groups.nameOf(first + 1), "second");
    assert.equal(one.nameOf(one.internGroup("second")), "second");
  });

  it("number no name for ever that only a policy names which may never come true", () => {
    const snapshot = createSnapshot(input({ groups: [group("a")] }));
    const first = snapshot.groups.internGroup("first");
    const policy = input({ realms: [realm("p:r", bind(permission, ["group:ghost"]))] });
    branchSnapshot(snapshot, { revision: 2n, groupChanges: [], policy });
    assert.equal(snapshot.groups.internGroup("second"), first + 1);
  });

  it("can be branched from branch after branch: an earlier state is reached in thousands of them", () => {
    let { groups } = createSnapshot(input({ groups: [group("a")] }));
    for (let at = 0; at < 16_000; at += 1) {
      const change = changeMember("a", undefined, `user:u${at}@x.com`);
      groups = groups.branch([{ change, revision: 2n, managedBy: "" }]);
    }
    assert.equal(groups.entry("a")?.members.size, 16_000);
    assert.equal(groups.nameOf(groups.internGroup("never named before")), "never named before");
  });

  it("answer as graphs made anew do, older ones and branches too, while the line goes on", () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const versions: { snapshot: Snapshot; plain: PlainGroups }[] = [
          { snapshot: none(), plain: new Map() },
        ];
        const pick = (back: number) =>
          versions[versions.length - 1 - (back % versions.length)] as (typeof versions)[number];
        let revision = 0n;
        for (const step of steps) {
          const from = pick(step.of);
          const groupChanges: GroupChange[] = [];
          let { plain } = from;
          for (const wishes of step.revisions) {
            revision += 1n;
            const { after, changes } = carryOut(plain, wishes, revision);
            groupChanges.push(...changes);
            plain = after;
          }
          const make = step.how === "advance" ? advanceSnapshot : branchSnapshot;
          versions.push({ snapshot: make(from.snapshot, { revision, groupChanges }), plain });
          const { snapshot, plain: expected } = pick(step.read);
          assertFresh(snapshot, expected);
        }
        for (const { snapshot, plain } of versions) assertFresh(snapshot, plain);
      }),
      { numRuns: 300 },
    );
  });

  it("keep the id of a name for ever, through deletion and in every version", () => {
    const first = createGroupGraph([group("a"), group("b", { nested: ["later"] })], silence);
    const later = first.internGroup("later");
    const second = first.advance(create("later"));
    assert.equal(second.findGroup("later"), later);
    const third = second.advance(just(deletion("later")));
    assert.equal(third.findGroup("later"), undefined);
    assert.equal(third.branch(create("later")).findGroup("later"), later);
    assert.equal(first.findGroup("later"), undefined);
    assert.equal(third.nameOf(later), "later");
  });

  it("answer through groups that came after the first question", () => {
    let graph = createGroupGraph([group("g0", { members: ["bot:b"] })], silence);
    for (let count = 1; count <= 100; count += 1) {
      assert.equal(groupsOf(graph.membershipOf(id("bot:b"))).length, count);
      graph = graph.advance(create(`g${count}`, { nested: [`g${count - 1}`, `g${count}`] }));
    }
  });

  it("share what did not change", () => {
    const first = createGroupGraph([group("a", { members: ["bot:b"] }), group("b")], silence);
    const second = first.advance(just(changeMember("b", undefined, "bot:b")));
    assert.equal(second.entry("a"), first.entry("a"));
    assert.equal(first.entry("b")?.members.size, 0);
    assert.equal(second.entry("b")?.members.size, 1);
  });
});
