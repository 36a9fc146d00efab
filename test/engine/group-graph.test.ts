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
const isGood = (member: string): boolean => !member.includes("\u212a");

/** The names of groups that a view gives by number, each once. */
function namesIn(groups: readonly Group[], ids: Iterable<number>): readonly string[] {
  const sorted = sortBytewise(groups.map(({ name }) => name));
  return [...new Set(ids)].sort((left, right) => left - right).map((at) => sorted[at] ?? "?");
}

function namesThat(groups: readonly Group[], holds: (group: Group) => boolean): readonly string[] {
  return sortBytewise(groups.filter(holds).map(({ name }) => name));
}

const ascends = (ids: Uint32Array): boolean =>
  ids.every((at, index) => index === 0 || at >= (ids[index - 1] ?? 0));

describe("the graph of groups", () => {
  it("says what the groups say, in whatever order they come", () => {
    fc.assert(
      fc.property(anyGroups, (groups) => {
        const graph: GroupGraph = world({ groups }).groups;
        const sorted = sortBytewise(groups.map(({ name }) => name));
        for (const [at, name] of sorted.entries()) {
          assert.equal(graph.findGroup(name), at, "numbers are in the order of names");
          assert.ok(ascends(graph.parentsOf(at)));
          assert.deepEqual(
            namesIn(groups, graph.parentsOf(at)),
            namesThat(groups, ({ nested }) => nested.includes(name)),
          );
        }
        assert.equal(graph.findGroup("ghost"), undefined);
        for (const text of asked) {
          const listing = graph.listing(id(text));
          assert.ok(ascends(listing));
          assert.deepEqual(
            namesIn(groups, listing),
            namesThat(groups, (it) =>
              it.members.some((member) => isGood(member) && fold(member) === fold(text)),
            ),
          );
          assert.deepEqual(
            namesIn(groups, graph.matching(id(text))),
            namesThat(groups, (it) => it.globs.some((glob) => matches[glob]?.(text) === true)),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
