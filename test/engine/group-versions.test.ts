import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Group } from "../../src/domain/model.ts";
import { createGroupGraph } from "../../src/engine/group-graph-builder.ts";
import { isGroupChange, type GroupChange, type GroupGraph } from "../../src/engine/group-graph.ts";
import {
  advanceSnapshot,
  branchSnapshot,
  createSnapshot,
  type Snapshot,
} from "../../src/engine/snapshot.ts";
import type { EngineWarning } from "../../src/engine/warnings.ts";
import {
  anyWish,
  carryOut,
  globTexts,
  groupNames,
  memberTexts,
  type PlainGroup,
  type PlainGroups,
} from "./group-changes.ts";
import { bind, group, id, input, realm } from "./world.ts";

const asked = [...memberTexts, "user:ANN@x.com", "user:eve@y.com"];
const permission = "swarming.tasks.get";
const sorted = (texts: Iterable<string>): readonly string[] =>
  [...texts].toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));

function toGroup([name, plain]: readonly [string, PlainGroup]): Group {
  const { description, owners, members, globs, nested } = plain;
  return {
    name,
    description,
    owners,
    members: [...members.values()],
    globs: [...globs],
    nested: [...nested],
  };
}

/** All that a graph says, in words; ids of no meaning are left out. */
function telling(graph: GroupGraph) {
  const names = (ids: Iterable<number>): readonly string[] =>
    sorted(new Set([...ids].map((at) => graph.nameOf(at))));
  const entries = [...graph.entries()].map((entry) => ({
    name: entry.name,
    description: entry.description,
    owners: entry.owners,
    members: sorted([...entry.members.entries()].map(String)),
    memberCount: entry.members.size,
    globs: entry.globs,
    nested: entry.nested,
    parents: names(graph.parentsOf(entry.id)),
  }));
  return {
    count: graph.groupCount,
    entries: entries.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    found: groupNames.filter((name) => graph.findGroup(name) !== undefined),
    ghost: names(graph.parentsOf(graph.internGroup("ghost"))),
    memberships: asked.map((text) => names(graph.membershipOf(id(text)).groups)),
    listings: asked.map((text) => names(graph.listing(id(text)))),
    matches: asked.map((text) => names(graph.matching(id(text)))),
    holders: globTexts.map((text) => names(graph.holding(text))),
  };
}

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

const silence = (): void => {};

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

function create(name: string, parts: Partial<Group> = {}): readonly GroupChange[] {
  const { members = [], globs = [], nested = [] } = parts;
  const bodies: readonly GroupChange["change"][] = [
    {
      kind: "group",
      key: name,
      before: undefined,
      after: { name, description: "", owners: "administrators" },
    },
    ...members.map((member) => changeMember(name, undefined, member)),
    ...globs.map((glob) => ({
      kind: "group_glob" as const,
      key: `${name} ${glob}`,
      before: undefined,
      after: { group: name, glob },
    })),
    ...nested.map((child) => ({
      kind: "group_nested" as const,
      key: `${name} ${child}`,
      before: undefined,
      after: { group: name, nested: child },
    })),
  ];
  return bodies.map((change) => ({ change, revision: 2n, managedBy: "" }));
}

function changeMember(
  name: string,
  before: string | undefined,
  after: string | undefined,
): GroupChange["change"] {
  const body = (member: string | undefined) =>
    member === undefined ? undefined : { group: name, member };
  return { kind: "group_member", key: `${name} m`, before: body(before), after: body(after) };
}

const deletion = (name: string): GroupChange["change"] => ({
  kind: "group",
  key: name,
  before: { name, description: "", owners: "administrators" },
  after: undefined,
});

const just = (change: GroupChange["change"]): readonly GroupChange[] => [
  { change, revision: 3n, managedBy: "" },
];

describe("the versions of the graph of groups", () => {
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

  it("share what did not change", () => {
    const first = createGroupGraph([group("a", { members: ["bot:b"] }), group("b")], silence);
    const second = first.advance(just(changeMember("b", undefined, "bot:b")));
    assert.equal(second.entry("a"), first.entry("a"));
    assert.equal(first.entry("b")?.members.size, 0);
    assert.equal(second.entry("b")?.members.size, 1);
  });
});

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

describe("a snapshot that is advanced", () => {
  const ann = id("user:ann@x.com");
  const bound = input({
    realms: [realm("p:r", bind(permission, ["group:later"]))],
    groups: [group("team", { members: [ann] })],
  });
  const created = create("later", { nested: ["team"] });

  it("lets a binding count at once for a group that comes, goes and comes again", () => {
    const first = createSnapshot(bound);
    const has = ({ authDb }: Snapshot): boolean => authDb.hasPermission(ann, permission, "p:r");
    assert.equal(has(first), false);
    const second = advanceSnapshot(first, { revision: 2n, groupChanges: created });
    assert.equal(has(second), true);
    const gone = [...just(deletion("later")), ...just(nesting("later", "team"))];
    const third = advanceSnapshot(second, { revision: 3n, groupChanges: gone });
    assert.equal(has(third), false);
    const fourth = advanceSnapshot(third, { revision: 4n, groupChanges: created });
    assert.equal(has(fourth), true);
    assert.deepEqual([first, second, third].map(has), [false, true, false]);
    assert.deepEqual(
      [first, second, third, fourth].map(({ revision }) => revision),
      [1n, 2n, 3n, 4n],
    );
  });

  it("takes over everything but the groups when there is no policy", () => {
    const first = createSnapshot(bound);
    for (const make of [advanceSnapshot, branchSnapshot]) {
      const next = make(first, { revision: 2n, groupChanges: created });
      assert.equal(next.realms, first.realms);
      assert.equal(next.fleet, first.fleet);
      assert.equal(next.delegations, first.delegations);
      assert.equal(next.permissions, first.permissions);
      assert.notEqual(next.groups, first.groups);
      assert.equal(make(first, { revision: 2n, groupChanges: [] }).groups, first.groups);
    }
  });

  it("has the new policy on the groups that are there then", () => {
    const first = createSnapshot(bound);
    const policy = input({ realms: [realm("p:s", bind(permission, ["group:later"]))] });
    const next = advanceSnapshot(first, { revision: 2n, groupChanges: created, policy });
    assert.equal(next.authDb.hasPermission(ann, permission, "p:s"), true);
    assert.equal(next.authDb.hasPermission(ann, permission, "p:r"), false);
    assert.equal(first.authDb.hasPermission(ann, permission, "p:s"), false);
  });

  it("warns of an unknown group once in a policy, of one that goes while it is nested, and in a branch of none", () => {
    const warnings: EngineWarning[] = [];
    const first = createSnapshot(bound, (warning) => warnings.push(warning));
    assert.deepEqual(warnings.splice(0), [{ kind: "unknown_group", name: "later" }]);
    const teamless = [...just(changeMember("team", ann, undefined)), ...just(deletion("team"))];
    const imagined = branchSnapshot(first, {
      revision: 2n,
      groupChanges: [...created, ...teamless],
      policy: bound,
    });
    assert.equal(imagined.authDb.isMember(ann, "nobody"), false);
    assert.deepEqual(warnings, []);
    const second = advanceSnapshot(first, { revision: 2n, groupChanges: created });
    assert.equal(second.authDb.isMember(ann, "later"), true);
    assert.deepEqual(warnings, []);
    const third = advanceSnapshot(second, { revision: 3n, groupChanges: teamless });
    assert.deepEqual(warnings.splice(0), [{ kind: "unknown_group", name: "team" }]);
    third.authDb.isMember(ann, "team");
    assert.deepEqual(warnings, []);
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

function nesting(name: string, child: string): GroupChange["change"] {
  return {
    kind: "group_nested",
    key: `${name} ${child}`,
    before: { group: name, nested: child },
    after: undefined,
  };
}
