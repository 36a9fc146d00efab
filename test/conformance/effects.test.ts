import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { computeEffects, countEffects } from "../../src/engine/effects/compute-effects.ts";
import { effectsOf } from "../spec/effects.ts";
import type { World } from "../spec/world.ts";
import { createRandom } from "../support/fleets/random.ts";
import * as names from "./support/alphabets.ts";
import { arbitraryChange } from "./support/arbitrary-world.ts";
import { assertEffects } from "./support/compare-effects.ts";
import { assertSeen, count, type Counts } from "./support/counts.ts";
import { inspectChange, type How } from "./support/effects-world.ts";
import { shuffleWorld } from "./support/rearrange-world.ts";
import { chooseSeed } from "./support/tally.ts";

type Change = readonly [before: World, after: World];

/** Only the groups change: the policy stays the same object. */
function onlyGroups([before, after]: Change): Change {
  return [before, { ...before, groups: after.groups ?? [] }];
}

/** Only one group changes, comes or goes. */
function oneGroup([before, after]: Change, seed: number): Change {
  const groups = before.groups ?? [];
  const others = (after.groups ?? []).filter((it) => !groups.includes(it));
  const [wanted] = createRandom(seed).sample([...groups, ...others], 1);
  if (wanted === undefined) return [before, before];
  const now = (after.groups ?? []).find(({ name }) => name === wanted.name);
  const rest = groups.filter(({ name }) => name !== wanted.name);
  const known = [...rest, wanted].map(({ name }) => name);
  const fits = (name: string): boolean =>
    known.includes(name) && (now !== undefined || name !== wanted.name);
  const mended = [...rest, ...(now === undefined ? [] : [now])].map((group) => ({
    ...group,
    owners: fits(group.owners ?? "") ? (group.owners ?? "") : "",
    nested: (group.nested ?? []).filter(fits),
  }));
  return [before, { ...before, groups: mended }];
}

/** Everything changes but the groups. */
function onlyPolicy([before, after]: Change): Change {
  return [before, { ...after, groups: before.groups ?? [] }];
}

const arbitraryEdit: fc.Arbitrary<Change> = fc
  .tuple(
    arbitraryChange,
    fc.constantFrom("all", "policy", "groups", "group"),
    fc.boolean(),
    fc.nat(),
  )
  .map(([change, what, isReversed, seed]): Change => {
    const edits = {
      all: () => change,
      policy: () => onlyPolicy(change),
      groups: () => onlyGroups(change),
      group: () => oneGroup(change, seed),
    };
    const [before, after] = edits[what]();
    return isReversed ? [after, before] : [before, after];
  });

const how: fc.Arbitrary<How> = fc.constantFrom("advance", "branch");

describe("the effects of a random change", () => {
  test("are what the spec answers before and after for everybody everywhere, with true witnesses", (context) => {
    const counts: Counts = new Map();
    const property = fc.property(arbitraryEdit, how, ([before, after], how) => {
      const input = inspectChange(before, after, how);
      const found = computeEffects({ ...input, summaryOnly: false });
      const effects = effectsOf(before, after, names.permissions);
      assertEffects(found, { before, after, permissions: names.permissions, effects }, counts);
      const { gained, lost } = found;
      assert.deepEqual(countEffects(input), { gained, lost });
      assert.deepEqual(computeEffects({ ...input, summaryOnly: true }), {
        gained,
        lost,
        effects: [],
      });
      count(counts, input.before.configuration === input.after.configuration ? "groups" : "policy");
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 300 });
    context.diagnostic(JSON.stringify([...counts]));
    const every = ["gained", "lost"].flatMap((kind) =>
      ["identity", "group", "glob"].flatMap((principal) =>
        ["server", "realm", "pool"].map((place) => `${kind} ${principal} ${place}`),
      ),
    );
    assertSeen(counts, [...every, "groups", "policy"], 5);
  });

  test("are the same whatever the order of lists and of changes", (context) => {
    const property = fc.property(arbitraryEdit, fc.nat(), ([before, after], seed) => {
      const input = inspectChange(before, after);
      const other = inspectChange(shuffleWorld(before, seed), shuffleWorld(after, seed + 1));
      const changes = createRandom(seed).sample(input.changes, input.changes.length);
      const found = computeEffects({ ...input, summaryOnly: false });
      assert.deepEqual(computeEffects({ ...input, changes, summaryOnly: false }), found);
      const again = computeEffects({ ...other, summaryOnly: false });
      assert.deepEqual(withoutSpelling(again), withoutSpelling(found));
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 100 });
  });
});

/** Of a member that is listed in several spellings one is kept. */
function withoutSpelling(effects: unknown): unknown {
  return JSON.parse(
    JSON.stringify(effects, (key, value: unknown) =>
      key === "member" && typeof value === "string" ? value.toLowerCase() : value,
    ),
  );
}
