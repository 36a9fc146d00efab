import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { formatImportParts } from "../../../src/config/luci/format-import.ts";
import { importLuci } from "../../../src/config/luci/import-luci.ts";
import { problemsOf } from "./support/problems.ts";

const lists = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([relative, text]) => ({ relative, path: `groups/${relative}`, text }));
const importGroups = (texts: Readonly<Record<string, string>>) =>
  importLuci({ groups: lists(texts) });

describe("importLuci, of lists of groups", () => {
  it("names a group after the path of its list, and takes those of exports", () => {
    const { configuration, report } = importGroups({
      "a.txt": "user:a@b.org\nowners: d.e",
      "d.e": "user:*@b.org",
      "google/team.list": "group:a",
      "x.json": '{"groups": [{"name": "f", "description": "what for", "members": ["bot:f"]}]}',
    });
    assert.deepEqual(configuration, {
      groups: [
        { name: "a", owners: "d.e", members: ["user:a@b.org"] },
        { name: "d.e", globs: ["user:*@b.org"] },
        { name: "google/team", nested: ["a"] },
        { name: "f", description: "what for", members: ["bot:f"] },
      ],
    });
    assert.deepEqual([report.groups, report.members], [4, 2]);
  });

  it("adds what lists nest or are owned by, so that the result can be applied, and says so", () => {
    const { configuration, report } = importGroups({ a: "group:b\nowners: c\nbot:x", d: "" });
    assert.deepEqual(
      configuration.groups?.map(({ name, members }) => [name, members]),
      [
        ["a", ["bot:x"]],
        ["d", undefined],
        ["b", undefined],
        ["c", undefined],
      ],
    );
    assert.deepEqual(report.emptyGroups, ["b", "c", "d"]);
    assert.equal(report.groups, 2);
  });

  it("does not take over administrators, which rule Fleetgate itself", () => {
    const { configuration, report } = importGroups({
      administrators: "user:root@b.org",
      a: "group:administrators\nowners: administrators\nbot:x",
    });
    assert.deepEqual(configuration.groups, [
      { name: "a", members: ["bot:x"], nested: ["administrators"] },
    ]);
    assert.match(report.todo.join("\n"), /^administrators was left out \(1 of its entries/m);
  });

  it("names the groups of which the export hides members", () => {
    const { report } = importGroups({ "x.json": '{"name": "google/a", "num_redacted": "12"}' });
    assert.deepEqual(report.hiddenMembers, [{ group: "google/a", members: 12 }]);
  });

  it("asks only for groups that have no list", () => {
    const realms = `realms { name: "r"
      bindings { role: "role/swarming.poolUser" principals: ["group:a", "group:c", "group:administrators"] }
      bindings { role: "role/x.y" principals: ["group:b", "group:c", "group:d"] }
      bindings { role: "customRole/r" principals: "group:e" }
      bindings { role: "customRole/s" principals: "group:f" } }
      custom_roles { name: "customRole/r" extends: ["role/x.y", "customRole/s"] }
      custom_roles { name: "customRole/s" permissions: "a.b.c" }`;
    const { report } = importLuci({
      realms: [{ project: "birds", file: { path: "realms.cfg", text: realms } }],
      settings: { path: "settings.cfg", text: 'auth { users_group: "g" }' },
      groups: lists({ a: "bot:x", b: "bot:x" }),
    });
    assert.deepEqual(report.missingGroups, ["c", "e", "f", "g"]);
    assert.deepEqual(report.idleGroups, ["d"]);
  });

  const cases: readonly [
    texts: Readonly<Record<string, string>>,
    ...problems: readonly RegExp[],
  ][] = [
    [{ "README.md": "" }, /^groups\/README\.md:0:0: the path of a list is the name of its group/],
    [{ "A.txt": "" }, /^groups\/A\.txt:0:0: .*: "A"$/],
    [{ "a.cfg.txt": "", "a b": "" }, /^groups\/a b:0:0: /],
    [{ "m2/a": "" }, /^groups\/m2\/a:0:0: /],
    [{ "a.list": "", "a.txt": "" }, /^groups\/a\.txt:0:0: the group "a" is in "groups\/a\.list"/],
    [{ a: "", "x.json": '{"name": "a"}' }, /^groups\/x\.json:0:0: the group "a" is in "groups\/a"/],
    [{ a: "x y", b: "\nz" }, /^groups\/a:1:1: /, /^groups\/b:2:1: /],
    [
      { a: "group:b", b: "bot:x\ngroup:c", c: "group:b" },
      /^groups\/b:2:1: groups nest each other in a circle: "b" -> "c" -> "b"$/,
    ],
    [{ a: "group:a" }, /^groups\/a:1:1: groups nest each other in a circle: "a" -> "a"$/],
    [
      { "x.json": '{"groups": [{"name": "a", "nested": ["b"]},\n{"name": "b", "nested": ["a"]}]}' },
      /^groups\/x\.json:1:38: groups nest each other/,
    ],
  ];
  for (const [texts, ...expected] of cases) {
    it(`finds every problem of ${JSON.stringify(texts)}`, () => {
      const problems = problemsOf({ groups: lists(texts) });
      assert.equal(problems.length, expected.length, problems.join("\n"));
      for (const [index, pattern] of expected.entries()) {
        assert.match(problems[index] ?? "", pattern);
      }
    });
  }
});

describe("importLuci, of everything", () => {
  const realms = (extra = "") =>
    `realms { name: "ci" bindings { role: "role/x.y" principals: "group:a" } }${extra}`;
  const custom = 'custom_roles { name: "customRole/r" permissions: ["b.c.d", "a.b.c"] }';
  const files = {
    realms: [
      { project: "birds", file: { path: "birds.cfg", text: realms(custom) } },
      { project: "fish", file: { path: "fish.cfg", text: realms(custom) } },
    ],
    pools: { path: "pools.cfg", text: 'pool { name: "p" realm: "birds:ci" }' },
    bots: {
      path: "bots.cfg",
      text: 'trusted_dimensions: "pool" bot_group { auth {} dimensions: "pool:p" }',
    },
    settings: { path: "settings.cfg", text: 'auth { admins_group: "a" }' },
    groups: lists({ a: "bot:x" }),
  };

  it("declares roles and permissions of several projects once", () => {
    const { configuration, report } = importLuci(files);
    assert.deepEqual(configuration.permissions, [{ name: "a.b.c" }, { name: "b.c.d" }]);
    const names = (configuration.roles ?? []).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes("role/x.y") && names.includes("role/luci.internal.system"));
    assert.deepEqual([report.projects, report.realms, report.bindings], [2, 2, 2]);
  });

  it("cuts the configuration into parts that hold all of it", () => {
    const { configuration } = importLuci(files);
    const parts = formatImportParts(configuration);
    assert.deepEqual(
      parts.map(({ name }) => name),
      [
        ...["settings.yaml", "roles.yaml", "project-birds.yaml", "project-fish.yaml"],
        ...["pools.yaml", "bots.yaml", "groups.yaml"],
      ],
    );
    const joined: Record<string, unknown> = {};
    for (const { yaml } of parts) {
      for (const [key, value] of Object.entries(parse(yaml) as Record<string, unknown>)) {
        const before = joined[key];
        joined[key] = Array.isArray(before) ? (before as unknown[]).concat(value) : value;
      }
    }
    assert.deepEqual(joined, configuration);
    assert.deepEqual(formatImportParts({}), []);
  });

  it("tells the problems of all files at once, in the order of the files", () => {
    const bad = { path: "bad.cfg", text: "}" };
    const problems = problemsOf({
      realms: [{ project: "birds", file: { ...bad, path: "realms.cfg" } }],
      pools: { ...bad, path: "pools.cfg" },
      bots: { ...bad, path: "bots.cfg" },
      settings: { ...bad, path: "settings.cfg" },
      groups: lists({ a: "}" }),
    });
    assert.deepEqual(
      problems.map((problem) => problem.slice(0, problem.indexOf(": "))),
      ["realms.cfg:1:1", "pools.cfg:1:1", "bots.cfg:1:1", "settings.cfg:1:1", "groups/a:1:1"],
    );
  });

  it("refuses a project given twice, and a domain that is none", () => {
    const [first] = files.realms;
    assert.ok(first);
    assert.throws(
      () => importLuci({ realms: [first, first] }),
      /project: birds must be given once/,
    );
    assert.throws(() => importLuci({ groupDomain: "a b" }), /group-domain/);
  });
});
