import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { finish } from "../../../src/domain/steps.ts";
import {
  createGroupGraph,
  createGroupGraphBuilder,
} from "../../../src/engine/group-graph-builder.ts";
import type { Compaction, GroupGraph } from "../../../src/engine/group-graph.ts";
import { graphLimits, type GraphLimits } from "../../../src/engine/groups/graph-limits.ts";
import { groupsOf } from "../../../src/engine/groups/membership.ts";
import { anyWish, carryOut, type PlainGroups } from "../group-changes.ts";
import { changeMember, create, deletion, just } from "../make-changes.ts";
import { silence, telling, toGroup } from "../telling.ts";
import { group, id } from "../world.ts";

/** Bounds that a handful of groups and identities goes beyond. */
const tiny = {
  compactAfter: 1,
  maxKnownIds: 6,
  maxOthers: 4,
  maxOtherIds: 8,
  maxNotes: 2,
  maxAside: 4,
  maxAsideIds: 8,
  maxClosureIds: 5,
  maxMatchedSets: 2,
};

const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom("advance" as const, "advance" as const, "branch" as const),
      /** Which version so far, from the newest of the line back; mostly that. */
      of: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(20)),
      wishes: fc.array(anyWish, { maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant("begin" as const),
      of: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(20)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("drive" as const), steps: fc.nat(30) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("rebase" as const),
      of: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(20)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("read" as const),
      of: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(20)),
    }),
  },
);

interface Version {
  readonly graph: GroupGraph;
  readonly plain: PlainGroups;
}

function build(world: PlainGroups, limits: GraphLimits): GroupGraph {
  const builder = createGroupGraphBuilder(silence, limits);
  for (const [name, { description, owners, managedBy, revision }] of world) {
    builder.addGroup({ name, description, owners, managedBy, revision });
  }
  for (const [name, { members, globs, nested }] of world) {
    builder.addMembers(name, [...members.values()]);
    for (const glob of globs) builder.addGlob(name, glob);
    for (const child of nested) builder.addNested(name, child);
  }
  return builder.build();
}

function assertFresh({ graph, plain }: Version): void {
  const fresh = createGroupGraph([...plain].map(toGroup), silence);
  assert.deepEqual(telling(graph), telling(fresh));
  for (const [name, { managedBy, revision }] of plain) {
    const entry = graph.entry(name);
    assert.deepEqual([entry?.managedBy, entry?.revision], [managedBy, revision], name);
  }
  const listed = new Set([...plain.values()].flatMap(({ members }) => [...members.keys()]));
  assert.deepEqual([...graph.identities()].sort(), [...listed].sort());
}

describe("a branch", () => {
  it("has room for groups that its line does not know", () => {
    const names = Array.from({ length: 1500 }, (_, index) => `g${index}`);
    const first = createGroupGraph(
      [group("a", { members: ["user:ann@x.com"], globs: ["bot:*"] })],
      silence,
    );
    const nesting = names.flatMap((name) => create(name, { nested: ["a"] }));
    for (const how of ["branch", "advance"] as const) {
      const graph = first[how](nesting);
      for (const text of ["bot:b", "user:ann@x.com"]) {
        const groups = groupsOf(graph.membershipOf(id(text)));
        assert.equal(groups.length, 1501);
        assert.deepEqual([...groups].map((at) => graph.nameOf(at)).sort(), ["a", ...names].sort());
      }
    }
    assert.equal(groupsOf(first.membershipOf(id("bot:b"))).length, 1);
  });
});

describe("compaction", () => {
  it("changes no answer of any version, wherever it begins, goes on and ends", () => {
    let rebases = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(tiny, graphLimits),
        fc.array(anyWish, { maxLength: 30, size: "max" }),
        fc.array(anyStep, { maxLength: 30, size: "max" }),
        (limits, wishes, steps) => {
          const { after: world } = carryOut(new Map(), wishes, 0n);
          const versions: Version[] = [{ graph: build(world, limits), plain: world }];
          const line: Version[] = [...versions];
          let work: ReturnType<GroupGraph["compactInSteps"]> | undefined;
          let done: Compaction | undefined;
          let revision = 0n;
          const at = (list: readonly Version[], back: number): Version =>
            list[list.length - 1 - (back % list.length)] as Version;
          for (const step of steps) {
            const newest = at(line, 0);
            if (step.act === "advance" || step.act === "branch") {
              revision += 1n;
              const from = step.of === 0 ? newest : at(versions, step.of);
              const { after, changes } = carryOut(from.plain, step.wishes, revision);
              const made = { graph: from.graph[step.act](changes), plain: after };
              versions.push(made);
              if (step.act === "advance" && from === newest) line.push(made);
            } else if (step.act === "begin") {
              work = (step.of === 0 ? newest : at(versions, step.of)).graph.compactInSteps();
            } else if (step.act === "drive") {
              for (let count = 0; count < step.steps && work !== undefined; count += 1) {
                const next = work.next();
                if (next.done !== true) continue;
                done = next.value;
                work = undefined;
              }
            } else if (step.act === "rebase") {
              const from = step.of === 0 ? newest : at(versions, step.of);
              if (work !== undefined && from === newest) done = finish(work);
              work = undefined;
              const graph = done && from.graph.rebase(done);
              if (graph === undefined) continue;
              rebases += 1;
              assert.equal(from, newest);
              const made = { graph, plain: from.plain };
              versions.push(made);
              line.push(made);
            } else assertFresh(step.of === 0 ? newest : at(versions, step.of));
          }
          for (const version of versions) {
            assertFresh(version);
            if (version !== at(line, 0)) assert.equal(version.graph.compactionDue, false);
          }
        },
      ),
      { numRuns: 200 },
    );
    // About 118 of 200 random lines, give or take 11.
    assert.ok(rebases > 50, String(rebases));
  });

  it("is due when as many memberships have changed as the limit says, and only in the newest version", () => {
    const builder = createGroupGraphBuilder(silence, { ...graphLimits, compactAfter: 3 });
    builder.addGroup({ name: "a", description: "", owners: "a", managedBy: "", revision: 1n });
    builder.addMembers("a", ["bot:b0", "bot:b1"]);
    const first = builder.build();
    const second = first.advance(just(changeMember("a", undefined, "bot:b2")));
    const third = second.advance(just(changeMember("a", "bot:b0", undefined)));
    const fourth = third.advance(just(changeMember("a", undefined, "bot:b3")));
    assert.deepEqual(
      [first, second, third, fourth].map((it) => it.compactionDue),
      [false, false, false, true],
    );
    assert.equal(fourth.branch(create("b")).compactionDue, false);
    const compacted = fourth.rebase(finish(fourth.compactInSteps()));
    assert.equal(compacted?.compactionDue, false);
    assert.equal(fourth.compactionDue, false);
  });

  it("is done with a group that was made since, and is due no more", () => {
    const builder = createGroupGraphBuilder(silence, { ...graphLimits, compactAfter: 3 });
    builder.addGroup({ name: "a", description: "", owners: "a", managedBy: "", revision: 1n });
    const made = builder
      .build()
      .advance(create("b", { members: ["bot:b0", "bot:b1", "bot:b2", "bot:b3"] }))
      .advance(just(changeMember("b", "bot:b1", undefined)));
    assert.equal(made.compactionDue, true);
    const compaction = finish(made.compactInSteps());
    const later = made
      .advance(just(changeMember("b", "bot:b0", undefined)))
      .advance(just(changeMember("b", undefined, "bot:b4")));
    const compacted = later.rebase(compaction);
    assert.equal(compacted?.compactionDue, false);
    assert.deepEqual([...(compacted?.entry("b")?.members.keys() ?? [])].sort(), [
      ...["bot:b2", "bot:b3", "bot:b4"],
    ]);
    assert.equal(compacted?.entry("b")?.members.size, 3);
  });

  it("serves its own line alone, and each time once", () => {
    const first = createGroupGraph([group("a", { members: ["bot:b"] })], silence);
    const other = createGroupGraph([group("a", { members: ["bot:b"] })], silence);
    const compaction = finish(first.compactInSteps());
    assert.equal(other.rebase(compaction), undefined);
    const second = first.advance(just(changeMember("a", undefined, "bot:c")));
    assert.equal(first.rebase(compaction), undefined);
    assert.equal(second.branch(create("b")).rebase(compaction), undefined);
    const third = second.rebase(compaction);
    assert.ok(third !== undefined);
    assert.equal(second.rebase(compaction), undefined);
    assert.equal(third.rebase(compaction), undefined);
    assert.equal(third.entry("a")?.members.size, 2);
  });

  it("gives the numbers of identities that nobody lists any more to others", () => {
    const bots = Array.from({ length: 8 }, (_, index) => `bot:b${index}`);
    let graph = createGroupGraph([group("a", { members: bots })], silence);
    const listed = () =>
      bots.filter((bot) => groupsOf(graph.membershipOf(id(bot))).length > 0).join();
    const compact = (): void => {
      const next = graph.rebase(finish(graph.compactInSteps()));
      assert.ok(next !== undefined);
      graph = next;
    };
    assert.equal(listed(), bots.join());
    for (const bot of bots.slice(0, 4)) {
      graph = graph.advance(just(changeMember("a", bot, undefined)));
    }
    compact();
    assert.equal(listed(), bots.slice(4).join());
    // Half of the numbers of the base are of nobody now.
    compact();
    assert.equal(listed(), bots.slice(4).join());
    graph = graph.advance(just(changeMember("a", undefined, "bot:b0")));
    compact();
    assert.equal(listed(), ["bot:b0", ...bots.slice(4)].join());
  });

  it("keeps a group apart from one of its name that was deleted while it went on", () => {
    const first = createGroupGraph([group("a", { members: ["bot:b", "bot:c"] })], silence);
    const second = first.advance(just(changeMember("a", undefined, "bot:d")));
    const work = second.compactInSteps();
    work.next();
    const gone = second.advance([
      ...["bot:b", "bot:c", "bot:d"].flatMap((it) => just(changeMember("a", it, undefined))),
      ...just(deletion("a")),
    ]);
    const again = gone.advance(create("a", { members: ["bot:e"] }));
    const last = again.rebase(finish(work));
    assert.deepEqual([...(last?.entry("a")?.members.keys() ?? [])], ["bot:e"]);
    for (const text of ["bot:b", "bot:d"]) assert.equal(last?.listing(id(text)).length, 0);
    assert.equal(last?.listing(id("bot:e")).length, 1);
  });
});
