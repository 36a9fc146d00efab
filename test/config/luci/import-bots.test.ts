import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { importLuci } from "../../../src/config/luci/import-luci.ts";
import { problemsOf } from "./support/problems.ts";

const file = (text: string) => ({ path: "bots.cfg", text });
const trusted = 'trusted_dimensions: "pool"\n';
const group = (fields: string) => `bot_group { ${fields} auth { ip_whitelist: "bots" } }\n`;
const importBots = (text: string) => importLuci({ bots: file(trusted + text) });

describe("importLuci, of a bots.cfg", () => {
  it("makes a bot group of ids, prefixes and pools; its name comes from its first id or prefix", () => {
    const { configuration } = importBots(
      group('bot_id: "vm{1..9,12}-m1" bot_id: "x" bot_id_prefix: "y-" dimensions: "pool:b"') +
        group('bot_id_prefix: "lab x" dimensions: ["pool:c", "os:Linux", "pool:a", "pool:c"]') +
        group('dimensions: "pool:rest"'),
    );
    assert.deepEqual(configuration, {
      bot_groups: [
        {
          name: "vm1..9_12-m1",
          bot_ids: ["vm{1..9,12}-m1", "x"],
          bot_id_prefixes: ["y-"],
          pools: ["b"],
        },
        { name: "lab-x", bot_id_prefixes: ["lab x"], pools: ["a", "c"] },
        { name: "default", pools: ["rest"] },
      ],
    });
  });

  it("leaves a group without a pool dimension without pools", () => {
    const { configuration } = importBots(group('bot_id: "a" dimensions: "os:Linux"'));
    assert.deepEqual(configuration.bot_groups, [{ name: "a", bot_ids: ["a"] }]);
  });

  it("cuts a dimension at its first colon, so that only pool itself counts", () => {
    const { report, configuration } = importBots(
      group('bot_id: "a" dimensions: "pools:x" dimensions: "os:pool:y" dimensions: "pool:z"'),
    );
    assert.deepEqual(configuration.bot_groups?.[0]?.pools, ["z"]);
    assert.deepEqual(report.skippedDimensions, [
      { key: "os", count: 1 },
      { key: "pools", count: 1 },
    ]);
  });

  it("gives each group another name, and none a new one for a change elsewhere", () => {
    const names = (text: string) =>
      importBots(text).configuration.bot_groups?.map(({ name }) => name);
    const last = group('bot_id: "z{1..2}"');
    assert.deepEqual(names(group('bot_id: "a b"') + group('bot_id: "a-b"') + last), [
      "a-b",
      "a-b/2",
      "z1..2",
    ]);
    assert.deepEqual(names(group('bot_id: "new"') + last), ["new", "z1..2"]);
    const long = "l".repeat(150);
    const two = names(group(`bot_id: "${long}1"`) + group(`bot_id: "${long}2"`)) ?? [];
    assert.deepEqual(
      two.map((name) => name.length),
      [100, 100],
    );
    assert.equal(new Set(two).size, 2);
    assert.deepEqual(names(group('bot_id: "default"') + group("")), ["default", "default/2"]);
  });

  it("names every group differently and as a bot group may be named, for random ids", () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[a-z{}., _/é-]{1,8}$/), { maxLength: 8 });
    fc.assert(
      fc.property(ids, (texts) => {
        const text = texts.map((id) => group(`bot_id: ${JSON.stringify(id)}`)).join("");
        if (problemsOf({ bots: file(trusted + text) }).length > 0) return;
        const names = (importBots(text).configuration.bot_groups ?? []).map(({ name }) => name);
        assert.equal(new Set(names).size, texts.length);
        assert.ok(names.every((name) => /^[a-zA-Z0-9_.\-/]{1,100}$/.test(name)));
      }),
      { numRuns: 300 },
    );
  });

  it("lets an id match a prefix of another group", () => {
    assert.deepEqual(
      problemsOf({
        bots: file(trusted + group('bot_id: "vm1"') + group('bot_id_prefix: "vm"')),
      }),
      [],
    );
  });

  it("says what it left out: fields, dimensions, and the trusted dimensions that are not pool", () => {
    const { report } = importBots(
      `trusted_dimensions: "id"\n${group('bot_id: "a" owners: "x" dimensions: "os:Linux"')}bot_config_script: "x"`,
    );
    assert.deepEqual(report.skippedFields, [
      { file: "bots.cfg", name: "bot_group.owners", count: 1, lines: [3] },
      { file: "bots.cfg", name: "bot_group.auth", count: 1, lines: [3] },
      { file: "bots.cfg", name: "bot_config_script", count: 1, lines: [4] },
    ]);
    assert.deepEqual(report.skippedDimensions, [{ key: "os", count: 1 }]);
    assert.match(report.notes.join("\n"), /only pool has a meaning here, not id$/m);
    assert.match(report.notes.join("\n"), /^no default bot group: .* "unassigned"$/m);
  });

  it("names the pools of bots that no imported pools.cfg declares", () => {
    const { report } = importLuci({
      pools: { path: "pools.cfg", text: 'pool { name: "a" realm: "p:r" }' },
      bots: file(trusted + group('bot_id: "x" dimensions: ["pool:b", "pool:a", "pool:c"]')),
    });
    assert.deepEqual(report.unknownPools, ["b", "c"]);
  });

  const cases: readonly [text: string, ...problems: readonly RegExp[]][] = [
    ["", /^bots\.cfg:1:1: trusted_dimensions must contain "pool"$/],
    ['trusted_dimensions: "id"', /:1:21: trusted_dimensions must contain "pool"$/],
    [`${trusted}trusted_dimensions: "1d"`, /:2:21: the key of a dimension .*: "1d"$/],
    [`${trusted}bot_group { }`, /:2:11: bot_group has no auth$/],
    [`${trusted}bot_group { auth: [] }`, /:2:11: bot_group has no auth$/],
    [trusted + group('bot_id: ""'), /:2:21: bot_id must not be empty$/],
    [trusted + group('bot_id: "a{2..1}"'), /:2:21: "a\{2\.\.1\}" is not a bot id: the range/],
    [trusted + group('bot_id: "a{1}{2}"'), /:2:21: .*only one/],
    [trusted + group('bot_id: "a:b"'), /:2:21: a bot id must be 1 to 256 .*: "a:b"$/],
    [
      trusted + group('bot_id: "a{1..9}"') + group('bot_id: "a7"'),
      /:3:21: the bot id "a7" stands in line 2 already$/,
    ],
    [trusted + group('bot_id: ["a", "a"]'), /:2:27: the bot id "a" stands in line 2 already$/],
    [trusted + group('bot_id_prefix: ""'), /:2:28: bot_id_prefix must not be empty$/],
    [
      trusted + group('bot_id_prefix: "vm"') + group('bot_id_prefix: "vm"'),
      /:3:28: the prefix "vm" stands in line 2 already$/,
    ],
    [
      trusted + group('bot_id_prefix: "vm-a"') + group('bot_id_prefix: "vm"'),
      /:2:28: the prefix "vm" of line 3 is the start of "vm-a"$/,
    ],
    [trusted + group("") + group(""), /:3:11: a second default group: that of line 2 has no/],
    [trusted + group('dimensions: "pool"'), /:2:25: a dimension must be "key:value": "pool"$/],
    [trusted + group('dimensions: ":x"'), /:2:25: the key of a dimension .*: ""$/],
    [trusted + group('dimensions: "a b:x"'), /:2:25: the key of a dimension .*: "a b"$/],
    [
      trusted + group(`dimensions: "${"k".repeat(65)}:x"`),
      /:2:25: the key of a dimension must be 1 to 64/,
    ],
    [trusted + group('dimensions: "os:"'), /:2:25: the value of a dimension .*: "os:"$/],
    [trusted + group('dimensions: "os: x"'), /:2:25: the value of a dimension/],
    [
      trusted + group(`dimensions: "os:${"v".repeat(257)}"`),
      /:2:25: the value of a dimension must be 1 to 256/,
    ],
    [trusted + group('dimensions: "pool:a:b"'), /:2:25: the name of a pool .*: "a:b"$/],
  ];
  for (const [text, ...expected] of cases) {
    it(`finds every problem of ${text.slice(0, 90).replaceAll("\n", " ")}`, () => {
      const problems = problemsOf({ bots: file(text) });
      assert.equal(problems.length, expected.length, problems.join("\n"));
      for (const [index, pattern] of expected.entries()) {
        assert.match(problems[index] ?? "", pattern);
      }
    });
  }
});
