import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Group } from "../../src/domain/model.ts";
import type { GroupGraph } from "../../src/engine/group-graph.ts";
import { group, id, world } from "./world.ts";

// The last one: the Kelvin sign is "k" in lower case, but no letter of an identity.
const members = [
  "user:ann@x.com",
  "user:Ann@x.com",
  "user:aNN@x.com",
  "user:bob@x.com",
  "bot:b",
  "bot:B",
  "user:k@x.com",
  "user:\u212a@x.com",
];
const asked = [
  "user:ANN@x.com",
  "user:ann@x.com",
  "user:bob@x.com",
  "bot:b",
  "bot:B",
  "user:K@x.com",
];
const globs = ["user:*@x.com", "user:a*", "bot:*", "user:", "nothing"];
// Of the last two the bytewise order is not that of UTF-16 code units.
const names = ["a", "b", "c", "B", "\uffee", "\u{1f600}"];

/** Which of the globs match, by the rule of globs for these very texts. */
const matches: Readonly<Record<string, (identity: string) => boolean>> = {
  "user:*@x.com": (identity) => identity.startsWith("user:") && identity.endsWith("@x.com"),
  "user:a*": (identity) => identity.startsWith("user:a"),
  "bot:*": (identity) => identity.startsWith("bot:"),
};

const anyGroups: fc.Arbitrary<readonly Group[]> = fc
  .uniqueArray(fc.constantFrom(...names))
  .chain((some) =>
    fc.tuple(
      ...some.map((name) =>
        fc
          .record({
            members: fc.array(fc.constantFrom(...members), { maxLength: 4 }),
            globs: fc.array(fc.constantFrom(...globs), { maxLength: 2 }),
            nested: fc.array(fc.constantFrom(...names), { maxLength: 4 }),
          })
          .map((parts) => group(name, parts)),
      ),
    ),
  );

const sortBytewise = (texts: readonly string[]): readonly string[] =>
  texts.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
const fold = (text: string): string => (text.startsWith("user:") ? text.toLowerCase() : text);
const isGlob = (glob: string): boolean => glob in matches;
const isGood = (member: string): boolean => !member.includes("\u212a");

/** The names of groups that a view gives by id. */
function namesIn(graph: GroupGraph, ids: Iterable<number>): readonly string[] {
  return sortBytewise([...ids].map((at) => graph.nameOf(at)));
}

/** A group as an entry shows it: the first text of each identity, and nothing that is malformed. */
function canonical({ name, description, owners, ...parts }: Group) {
  const members = new Map<string, string>();
  for (const member of sortBytewise(parts.members.filter(isGood)).toReversed()) {
    members.set(fold(member), member);
  }
  return {
    name,
    description,
    owners,
    members: Object.fromEntries(members),
    globs: sortBytewise([...new Set(parts.globs.filter(isGlob))]),
    nested: sortBytewise([...new Set(parts.nested)]),
  };
}

function entriesOf(graph: GroupGraph) {
  return [...graph.entries()]
    .map(({ name, description, owners, members, ...parts }) => ({
      name,
      description,
      owners,
      members: Object.fromEntries(members.entries()),
      globs: parts.globs,
      nested: parts.nested,
    }))
    .toSorted(byName);
}

const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
  Buffer.compare(Buffer.from(left.name), Buffer.from(right.name));

function namesThat(groups: readonly Group[], holds: (group: Group) => boolean): readonly string[] {
  return sortBytewise(groups.filter(holds).map(({ name }) => name));
}

describe("the graph of groups", () => {
  it("says what the groups say, in whatever order they come", () => {
    fc.assert(
      fc.property(anyGroups, (groups) => {
        const graph: GroupGraph = world({ groups }).groups;
        assert.equal(graph.groupCount, groups.length);
        for (const { name } of groups) {
          const at = graph.findGroup(name);
          assert.ok(at !== undefined);
          assert.equal(graph.nameOf(at), name);
          assert.deepEqual(
            namesIn(graph, graph.parentsOf(at)),
            namesThat(groups, ({ nested }) => nested.includes(name)),
          );
        }
        assert.equal(graph.findGroup("ghost"), undefined);
        assert.deepEqual(entriesOf(graph), groups.map(canonical).toSorted(byName));
        for (const text of asked) {
          assert.deepEqual(
            namesIn(graph, graph.listing(id(text))),
            namesThat(groups, (it) =>
              it.members.some((member) => isGood(member) && fold(member) === fold(text)),
            ),
          );
          assert.deepEqual(
            namesIn(graph, new Set(graph.matching(id(text)))),
            namesThat(groups, (it) => it.globs.some((glob) => matches[glob]?.(text) === true)),
          );
        }
        for (const glob of [...globs, "user:*c"]) {
          assert.deepEqual(
            namesIn(graph, graph.holding(glob)),
            namesThat(groups, (it) => isGlob(glob) && it.globs.includes(glob)),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
