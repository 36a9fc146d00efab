import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { readGroupList } from "../../../src/config/luci/group-list.ts";

const read = (text: string, domain?: string) =>
  readGroupList({ name: "birds", path: "birds.txt", text, domain });

function problemsOf(text: string, domain?: string): readonly string[] {
  return read(text, domain).problems.map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  );
}

describe("readGroupList", () => {
  it("reads identities, addresses, globs and groups, one a line", () => {
    const { group, problems } = read(
      "\ufeff# who\r\nuser:ann@b.org\r\n  bob@b.org  # his mail\n\nbot:b1\nproject:p\nservice:s:1\n" +
        "anonymous:anonymous\n*@b.org\nbot:vm-*\ngroup:mdb/vets",
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(group, {
      name: "birds",
      path: "birds.txt",
      description: "",
      owners: undefined,
      members: [
        ...["user:ann@b.org", "user:bob@b.org", "bot:b1", "project:p", "service:s:1"],
        "anonymous:anonymous",
      ],
      globs: ["user:*@b.org", "bot:vm-*"],
      nested: [{ text: "mdb/vets", position: { line: 11, column: 1 } }],
      repeated: 0,
      hidden: 0,
    });
  });

  it("reads owners and a description", () => {
    const { group } = read("description: keeps the birds\nowners:  keepers # of all");
    assert.equal(group.description, "keeps the birds");
    assert.deepEqual(group.owners, { text: "keepers", position: { line: 2, column: 1 } });
    assert.deepEqual(group.members, []);
  });

  it("takes bare words for names of the domain", () => {
    const { group, problems } = read("ann\nbob@other.org\nbot:x", "b.org");
    assert.deepEqual(problems, []);
    assert.deepEqual(group.members, ["user:ann@b.org", "user:bob@other.org", "bot:x"]);
  });

  it("keeps a number sign inside of an entry", () => {
    assert.deepEqual(read("bot:a#*").group.globs, ["bot:a#*"]);
  });

  it("writes what is repeated once, users in any case, and counts the rest", () => {
    const { group } = read("a@b.org\nuser:A@b.org\nbot:x\nbot:X\nbot:*\nbot:*\ngroup:g\ngroup:g");
    assert.deepEqual(group.members, ["user:a@b.org", "bot:x", "bot:X"]);
    assert.deepEqual(group.globs, ["bot:*"]);
    assert.deepEqual(
      group.nested.map(({ text }) => text),
      ["g"],
    );
    assert.equal(group.repeated, 3);
  });

  it("loses no line: each is a comment, an entry, a repetition or a problem", () => {
    const line = fc.oneof(
      fc.constantFrom("a@b.org", "A@b.org", "bot:x", "bot:*", "*@b.org", "group:g", "word", "# x"),
      fc.constantFrom("", " ", "owners: g", "description: d", "group:", "user:x", "task:1", "*"),
      fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll(/[\n\r]/g, "")),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const { group, problems } = read(lines.join("\n"));
        const blank = lines.filter((text) => /^\s*(#.*)?$/u.test(text.replace(/[ \t]#.*$/u, "")));
        const fields = [group.owners, group.description || undefined].filter(
          (field) => field !== undefined,
        );
        const empty = lines.some((text) => /^\s*description:\s*($|[ \t]#)/u.test(text)) ? 1 : 0;
        const found = group.members.length + group.globs.length + group.nested.length;
        const total =
          found + group.repeated + problems.length + blank.length + fields.length + empty;
        assert.equal(total, lines.length === 0 ? 0 : lines.length);
      }),
      { numRuns: 500 },
    );
  });

  const cases: readonly [text: string, problem: RegExp][] = [
    ["ann", /^birds\.txt:1:1: "ann" has no kind: .*--group-domain/],
    ["\n  user:ann", /:2:3: a member must be "kind:value".*: "user:ann"$/],
    ["a b@c.org", /:1:1: a member must be/],
    ["task:7", /:1:1: a member must be .*: "task:7"$/],
    ["User:a@b.org", /:1:1: a member must be/],
    ["user:a@b.org;", /:1:1: a member must be/],
    ["user:a@b.org, user:b@b.org", /:1:1: a member must be/],
    ["*", /:1:1: a glob must be "kind:pattern"/],
    ["task:*", /:1:1: a glob must be/],
    ["birds:*", /:1:1: a glob must be/],
    ["group:Keepers", /:1:1: the name of a group .*: "group:Keepers"$/],
    ["group:a/b/c", /:1:1: the name of a group/],
    ["group:*", /:1:1: the name of a group/],
    ["owners:", /:1:1: the name of a group .*: ""$/],
    ["owners: a\nowners: b", /:2:1: owners is given twice$/],
    ["description: a\ndescription: b", /:2:1: description is given twice$/],
    [`description: ${"a".repeat(10_001)}`, /:1:1: description must be at most 10000 characters/],
    ["a\ufffd@b.org", /:1:1: a member must be/],
  ];
  for (const [text, problem] of cases) {
    it(`points at ${JSON.stringify(text.slice(0, 40))}`, () => {
      const problems = problemsOf(text);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", problem);
    });
  }

  it("refuses a word that is no name of the domain", () => {
    assert.match(problemsOf("a b", "b.org")[0] ?? "", /:1:1: a member must be/);
  });
});
