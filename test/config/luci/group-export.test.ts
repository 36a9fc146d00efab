import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readGroupExport } from "../../../src/config/luci/group-export.ts";

const read = (text: string) => readGroupExport({ path: "groups.json", text });

describe("readGroupExport", () => {
  it("reads the groups of a list", () => {
    const { groups, problems, skipped } = read(`{
  "groups": [
    {
      "name": "mdb/vets",
      "members": ["user:Ann@b.org", "user:ann@b.org", "bot:b"],
      "globs": ["user:*@c.org"],
      "nested": ["keepers"],
      "owners": "keepers",
      "description": "line\\nline",
      "createdTs": "2026",
      "numRedacted": 7
    },
    { "name": "empty", "etag": "x" }
  ],
  "revision": 4
}`);
    assert.deepEqual(problems, []);
    const [vets, empty] = groups;
    assert.deepEqual(vets && { ...vets, owners: undefined, nested: [] }, {
      name: "mdb/vets",
      path: "groups.json",
      description: "line\nline",
      owners: undefined,
      members: ["user:Ann@b.org", "bot:b"],
      globs: ["user:*@c.org"],
      nested: [],
      repeated: 1,
      hidden: 7,
    });
    assert.equal(vets?.owners?.text, "keepers");
    assert.deepEqual(vets.owners.position, { line: 8, column: 17 });
    assert.deepEqual(vets.nested[0]?.text, "keepers");
    assert.deepEqual(vets.nested[0].position, { line: 7, column: 18 });
    assert.deepEqual(empty?.members, []);
    assert.equal(empty?.owners, undefined);
    assert.deepEqual(skipped, [
      { name: "revision", line: 15 },
      { name: "groups.createdTs", line: 10 },
      { name: "groups.etag", line: 13 },
    ]);
  });

  it("reads one group", () => {
    const { groups } = read('\ufeff{ "name": "g", "members": null, "globs": ["bot:*"] }');
    assert.deepEqual(
      groups.map(({ name, globs }) => [name, ...globs]),
      [["g", "bot:*"]],
    );
  });

  it("names the field of a problem, also in a text where its line is not looked for", () => {
    const filler = "x".repeat(5_000_000);
    const { problems, skipped } = read(
      `{"groups": [{"name": "g", "members": ["ann"], "x": "${filler}"}]}`,
    );
    assert.deepEqual(
      problems.map(({ path, line, column }) => [path, line, column]),
      [["groups[0].members[0]", 0, 0]],
    );
    assert.deepEqual(skipped, [{ name: "groups.x", line: 0 }]);
  });

  const cases: readonly [text: string, ...problems: readonly RegExp[]][] = [
    ["", /^groups\.json:1:1: expected JSON/],
    ['{\n "groups": [,]}', /^groups\.json:2:13: expected JSON/],
    ["[]", /:1:1: expected \{"groups"/],
    ['{"group": 1}', /:1:1: expected \{"groups"/],
    ['{"groups": [7]}', /:1:13: a group must be an object$/],
    ['{"groups": [{}]}', /:1:13: name must be 1 to 100/],
    ['{"name": "G"}', /:1:10: name must be 1 to 100 .*: "G"$/],
    ['{"name": "g",\n "owners": "A B"}', /:2:12: owners must be 1 to 100/],
    ['{"name": "g", "owners": 7}', /:1:25: owners must be a text$/],
    ['{"name": "g", "description": "\\u0000"}', /:1:30: description must be at most/],
    ['{"name": "g", "members": "user:a@b.c"}', /:1:26: members must be a list$/],
    ['{"name": "g", "members": ["ann"]}', /:1:27: a member must be .*: "ann"$/],
    ['{"name": "g", "members": [7]}', /:1:27: a member must be/],
    ['{"name": "g", "globs": ["user:*", "*"]}', /:1:35: a glob must be .*: "\*"$/],
    ['{"name": "g", "nested": ["group:x"]}', /:1:26: the name of a group .*: "group:x"$/],
    ['{"groups": [{"name": "A"},\n{"name": "B"}]}', /:1:22: name .*: "A"$/, /:2:10: name .*: "B"$/],
  ];
  for (const [text, ...expected] of cases) {
    it(`finds every problem of ${text.replaceAll("\n", " ")}`, () => {
      const problems = read(text).problems.map(
        ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
      );
      assert.equal(problems.length, expected.length, problems.join("\n"));
      for (const [index, pattern] of expected.entries()) {
        assert.match(problems[index] ?? "", pattern);
      }
    });
  }
});
