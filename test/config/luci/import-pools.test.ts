import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importLuci } from "../../../src/config/luci/import-luci.ts";
import { problemsOf } from "./support/problems.ts";

const file = (text: string) => ({ path: "pools.cfg", text });
const importPools = (text: string) => importLuci({ pools: file(text) });

describe("importLuci, of a pools.cfg", () => {
  it("makes a pool of each name of an entry, in the realm of the entry", () => {
    const { configuration, report } = importPools(`
      pool { name: "b" name: "a b" realm: "birds:ci" default_task_realm: "birds:tasks" }
      pool: [< name: ["c", 'd'], realm: "birds" ":" "@root" >]
    `);
    const first = { realm: "birds:ci", default_task_realm: "birds:tasks" };
    assert.deepEqual(configuration, {
      pools: [
        { name: "b", ...first },
        { name: "a b", ...first },
        { name: "c", realm: "birds:@root" },
        { name: "d", realm: "birds:@root" },
      ],
    });
    assert.deepEqual(report.pools, 4);
  });

  it("takes an empty default task realm for none", () => {
    const { configuration } = importPools('pool { name: "a" realm: "p:r" default_task_realm: "" }');
    assert.deepEqual(configuration.pools, [{ name: "a", realm: "p:r" }]);
  });

  it("imports a file without pools", () => {
    assert.deepEqual(importPools("").configuration, {});
  });

  it("counts what it leaves out, with its lines", () => {
    const { report } = importPools(
      `default_external_services { cipd { server: "x" } }
pool { name: "a" realm: "p:r" owners: "x" owners: "y"
  enforced_realm_permissions: REALM_PERMISSION_POOLS_CREATE_TASK }
pool { name: "b" realm: "p:r" external_schedulers { enabled: true } owners: ["z"] bot_monitoring: ""
  task_template_deployment_inline { prod { cache { name: "c" path: "d" } } } }
bot_monitoring { name: "m" }`,
    );
    const skipped = report.skippedFields.map(({ name, count, lines }) => [name, count, lines]);
    assert.deepEqual(skipped, [
      ["pool.owners", 3, [2, 2, 4]],
      ["pool.enforced_realm_permissions", 1, [3]],
      ["pool.external_schedulers", 1, [4]],
      ["pool.task_template_deployment_inline", 1, [5]],
      ["default_external_services", 1, [1]],
      ["bot_monitoring", 1, [6]],
    ]);
  });

  it("says which realms no imported realms.cfg declares, and how many pools are in each", () => {
    const { report } = importLuci({
      realms: [{ project: "birds", file: { path: "r", text: 'realms { name: "ci" }' } }],
      pools: file(`
        pool { name: ["a", "b"] realm: "birds:ci" default_task_realm: "birds:none" }
        pool { name: "c" realm: "fish:ci" }
        pool { name: "d" realm: "birds:@root" }
        pool { name: "e" realm: "fish:ci" default_task_realm: "fish:ci" }
      `),
    });
    assert.deepEqual(report.unknownRealms, [
      { realm: "birds:none", pools: 2 },
      { realm: "fish:ci", pools: 2 },
    ]);
  });

  it("says that without settings all groups of the server level are administrators", () => {
    const isNote = (note: string) => note.startsWith("no settings.cfg");
    assert.ok(importPools("").report.notes.some(isNote));
    const settings = { path: "settings.cfg", text: "" };
    assert.ok(!importLuci({ pools: file(""), settings }).report.notes.some(isNote));
  });

  const pool = (fields: string) => `pool { name: "a" realm: "p:r"\n ${fields} }`;
  const cases: readonly [text: string, ...problems: readonly RegExp[]][] = [
    ["pool {", /^pools\.cfg:1:7: expected a field name, or "}"/],
    ['pool: "a"', /:1:7: pool must be a message in \{ \}$/],
    ['pool { realm: "p:r" }', /:1:6: pool has no name$/],
    ['pool { name: [] realm: "p:r" }', /:1:6: pool has no name$/],
    ['pool { name: 7 realm: "p:r" }', /:1:14: name must be a string in quotes$/],
    ['pool { name: "" realm: "p:r" }', /:1:14: the name of a pool must be 1 to 256 .*: ""$/],
    [`pool { name: "${"a".repeat(257)}" realm: "p:r" }`, /:1:14: the name of a pool must be/],
    ['pool { name: " a" realm: "p:r" }', /:1:14: the name of a pool .*: " a"$/],
    ['pool { name: "a:b" realm: "p:r" }', /:1:14: the name of a pool .*: "a:b"$/],
    ['pool { name: "a" name: "a" realm: "p:r" }', /:1:24: .* in line 1 already: "a"$/],
    [
      'pool { name: "a" realm: "p:r" }\npool { name: ["b", "a"] realm: "p:r" }',
      /:2:20: the pool is declared in line 1 already: "a"$/,
    ],
    ['pool { name: "a" }', /:1:6: pool has no realm$/],
    ['pool { name: "a" realm: "" }', /:1:25: realm must not be empty$/],
    ['pool { name: "a" realm: "ci" }', /:1:25: the realm of a pool must be "project:realm"/],
    ['pool { name: "a" realm: "P:ci" }', /:1:25: the realm of a pool .*: "P:ci"$/],
    [pool('default_task_realm: "p:@x"'), /:2:22: the realm of a pool .*: "p:@x"$/],
    [pool('realm: "p:r"'), /:2:2: realm is given twice$/],
    [pool('schedulers { user: "x" }'), /:2:2: schedulers is deprecated, and LUCI refuses it/],
    [pool("schedulers {}"), /:2:2: schedulers is deprecated/],
    [pool('bot_monitoring: "m"'), /:2:18: bot_monitoring is deprecated/],
    [
      'pool { name: ":" }\npool { }',
      /:1:6: pool has no realm$/,
      /:1:14: the name of a pool/,
      /:2:6: pool has no name$/,
      /:2:6: pool has no realm$/,
    ],
  ];
  for (const [text, ...expected] of cases) {
    it(`finds every problem of ${text.slice(0, 60).replaceAll("\n", " ")}`, () => {
      const problems = problemsOf({ pools: file(text) });
      assert.equal(problems.length, expected.length, problems.join("\n"));
      for (const [index, pattern] of expected.entries()) {
        assert.match(problems[index] ?? "", pattern);
      }
    });
  }
});
