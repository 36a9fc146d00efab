import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatImport } from "../../../src/config/luci/format-import.ts";
import { importLuci } from "../../../src/config/luci/import-luci.ts";
import { validateConfiguration } from "../../../src/config/validate.ts";
import { createBotIndex } from "../../../src/engine/bot-index.ts";
import { problemsOf } from "./support/problems.ts";
import { spellTree } from "./support/spell-tree.ts";

interface Group {
  /** A list of one: as it is; of several: their numbers as one set. */
  readonly ids: readonly (readonly string[])[];
  readonly prefixes: readonly string[];
  readonly dimensions: readonly string[];
}

// Few names, so that they meet: as ids of two groups, as prefixes, as hosts of composite ids.
const id = fc.constantFrom("a", "a1", "b", "b--1", "b--2", "ab", "vm1", "vm12");
const ids = fc.oneof(
  { weight: 3, arbitrary: id.map((one) => [one]) },
  fc
    .tuple(fc.constantFrom("vm", "m"), fc.uniqueArray(fc.nat(12), { minLength: 2, maxLength: 3 }))
    .map(([start, numbers]) =>
      numbers.toSorted((left, right) => left - right).map((number) => `${start}${number}`),
    ),
);
const dimension = fc.constantFrom("pool:p", "pool:q", "pool:q", "os:pool", "pools:r", "x:pool:s");
const group: fc.Arbitrary<Group> = fc.record({
  ids: fc.array(ids, { maxLength: 2 }),
  prefixes: fc.array(fc.constantFrom("a", "b", "v", "vm", "m1", "z"), { maxLength: 2 }),
  dimensions: fc.array(dimension, { maxLength: 3 }),
});
const asked = ["a", "a1", "ab", "b", "b--1", "b--3", "m1", "m3", "vm12", "vm7--x", "z", "q", "--"];

/** Where LUCI puts a bot, by the rules as one reads them out loud. */
function poolsOf(bot: string, groups: readonly Group[]): readonly string[] {
  const [host = ""] = bot.split("--");
  const lists = (name: string) => (found: Group) => found.ids.flat().includes(name);
  const found =
    groups.find(lists(bot)) ??
    groups.find(lists(host)) ??
    groups.find(({ prefixes }) => prefixes.some((prefix) => host.startsWith(prefix))) ??
    groups.find(({ ids: own, prefixes }) => own.length === 0 && prefixes.length === 0);
  const pools = (found?.dimensions ?? [])
    .filter((text) => text.startsWith("pool:"))
    .map((text) => text.slice("pool:".length));
  return pools.length === 0 ? ["unassigned"] : [...new Set(pools)].sort();
}

function write(groups: readonly Group[], choose: (count: number) => number): string {
  const isRepeated = (name: string) => name !== "ip_whitelist";
  return spellTree(
    [
      ["trusted_dimensions", "pool"],
      ...groups.map(
        ({ ids: own, prefixes, dimensions }) =>
          [
            "bot_group",
            [
              ...own.map((names) => ["bot_id", writeIds(names)] as const),
              ...prefixes.map((prefix) => ["bot_id_prefix", prefix] as const),
              ...dimensions.map((text) => ["dimensions", text] as const),
              ["auth", [["ip_whitelist", "bots"]]],
            ],
          ] as const,
      ),
    ],
    choose,
    isRepeated,
  );
}

function writeIds(names: readonly string[]): string {
  const [first = ""] = names;
  if (names.length === 1) return first;
  const start = first.replace(/\d+$/, "");
  return `${start}{${names.map((name) => name.slice(start.length)).join(",")}}`;
}

/** Whether LUCI refuses the groups. */
function isAmbiguous(groups: readonly Group[]): boolean {
  const all = groups.flatMap((one) => one.ids.flat());
  const prefixes = groups.flatMap((one) => one.prefixes);
  const overlap = prefixes.some((left, index) =>
    prefixes.some((right, other) => other !== index && right.startsWith(left)),
  );
  const defaults = groups.filter((one) => one.ids.length === 0 && one.prefixes.length === 0);
  return new Set(all).size < all.length || overlap || defaults.length > 1;
}

describe("importLuci, of random bots.cfg", () => {
  it("refuses what LUCI refuses, and else puts each bot into the pools of LUCI", () => {
    let imported = 0;
    fc.assert(
      fc.property(
        fc.array(group, { maxLength: 4 }),
        fc.infiniteStream(fc.nat(1000)),
        (groups, choices) => {
          const text = write(groups, (count) => Number(choices.next().value) % count);
          const files = { bots: { path: "bots.cfg", text } };
          const problems = problemsOf(files);
          assert.equal(problems.length > 0, isAmbiguous(groups), problems.join("\n"));
          if (problems.length > 0) return;
          imported += 1;
          const { configuration } = validateConfiguration({
            source: "main",
            files: [{ path: "bots.yaml", text: formatImport(importLuci(files)) }],
            others: new Map(),
          });
          assert.ok(configuration);
          const index = createBotIndex(configuration.botGroups);
          for (const bot of asked) {
            assert.deepEqual([...index.poolsOfBot(bot)], poolsOf(bot, groups), bot);
          }
        },
      ),
      { numRuns: 1000 },
    );
    assert.ok(imported > 200);
  });
});
