import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { readImportedGroups, type ImportRules } from "../../../src/cli/group/imported-groups.ts";
import { readMemberList } from "../../../src/cli/group/member.ts";
import { parseCsv } from "../../../src/cli/group/parse-csv.ts";

const breaks = fc.constantFrom("\n", "\r\n", "\r");

describe("a table", () => {
  const field = fc.string({
    unit: fc.constantFrom("a", "b", ",", '"', "\n", "\r", " ", "ü", "#", ""),
    maxLength: 6,
  });
  const records = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
  const inQuotes = (text: string): string => `"${text.replaceAll('"', '""')}"`;

  it("gives back whatever was written by the rules of RFC 4180", () => {
    fc.assert(
      fc.property(records, breaks, fc.boolean(), fc.boolean(), (rows, end, always, last) => {
        const text = rows
          .map((fields) =>
            fields
              .map((one, _, all) =>
                // A record of one empty field would be a blank line.
                always || /[",\r\n]/.test(one) || (one === "" && all.length === 1)
                  ? inQuotes(one)
                  : one,
              )
              .join(","),
          )
          .join(end);
        const { records: read, fault } = parseCsv(last && rows.length > 0 ? text + end : text);
        assert.equal(fault, undefined);
        assert.deepEqual(
          read.map(({ fields }) => fields),
          rows,
        );
      }),
    );
  });

  it("says on which line each record begins", () => {
    const text = 'a\n\n"b\nb\r\nb",c\r\rd\n';
    assert.deepEqual(parseCsv(text).records, [
      { line: 1, fields: ["a"] },
      { line: 3, fields: ["b\nb\r\nb", "c"] },
      { line: 7, fields: ["d"] },
    ]);
  });

  const faults: readonly (readonly [text: string, line: number, says: RegExp])[] = [
    ['a,b\nc"d,e\n', 2, /must stand in quotes/],
    ['a\n"b"c,d\n', 2, /follows the closing quote/],
    ['a\n\n"b\nc', 3, /never closed/],
    ['"a\nb",c"\n', 2, /must stand in quotes/],
  ];
  for (const [text, line, says] of faults) {
    it(`says where it is broken: ${JSON.stringify(text)}`, () => {
      const { fault } = parseCsv(text);
      assert.equal(fault?.line, line);
      assert.match(fault.message, says);
    });
  }

  it("is read in time that grows with its length", () => {
    const field = 'x""'.repeat(300_000);
    const { records } = parseCsv(`"${field}",b\n`.repeat(3));
    assert.equal(records.length, 3);
    assert.equal(records[0]?.fields[0]?.length, 600_000);
    assert.match(parseCsv(`"${field}`).fault?.message ?? "", /never closed/);
  });
});

describe("a list of members", () => {
  const member = fc.constantFrom("user:Ann@x.com", "bot:b#1".slice(0, 5), "task:T-1", "runner:r");
  const noise = fc.constantFrom("", "   ", "# a comment", "\t#user:no@x.com");

  it("is its members, whatever blank lines, comments and line breaks stand between", () => {
    const lines = fc.array(fc.oneof(member, noise), { maxLength: 20 });
    fc.assert(
      fc.property(lines, breaks, fc.boolean(), (all, end, commented) => {
        const text = all
          .map((line) => (commented && line.includes(":") ? ` ${line}\t# why` : line))
          .join(end);
        const { members, problems } = readMemberList({ path: "f", text });
        assert.deepEqual(problems, []);
        const expected = all.filter((line) => /^\w+:/.test(line));
        assert.deepEqual(members, expected);
      }),
    );
  });

  it("takes e-mail addresses for users, and bare names only with a domain", () => {
    const text = "ann@x.com\nbob\nbot:b\n";
    assert.deepEqual(readMemberList({ path: "f", text }, "y.com"), {
      members: ["user:ann@x.com", "user:bob@y.com", "bot:b"],
      problems: [],
    });
    const { members, problems } = readMemberList({ path: "f", text });
    assert.deepEqual(members, ["user:ann@x.com", "bot:b"]);
    assert.deepEqual(
      problems.map(({ file, line }) => [file, line]),
      [["f", 2]],
    );
  });
});

describe("the files of an import", () => {
  const rules: ImportRules = { prefix: "ldap", format: undefined, domain: "x.com" };

  it("are lists, one a group named as the file, and tables of groups and members", () => {
    const { groups, problems } = readImportedGroups(
      [
        { path: "lists/a.txt", text: "ann\n" },
        { path: "lists/b.list", text: "# somebody\nbob\n" },
        { path: "c.d", text: "bot:b\n" },
        { path: "t.csv", text: 'Group,Member\ne,ann\nldap/f,"bob"\ne,bot:b\ng,\n\ne,ann\n' },
      ],
      rules,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(Object.fromEntries(groups), {
      "ldap/a": ["user:ann@x.com"],
      "ldap/b": ["user:bob@x.com"],
      "ldap/c.d": ["bot:b"],
      "ldap/e": ["user:ann@x.com", "bot:b", "user:ann@x.com"],
      "ldap/f": ["user:bob@x.com"],
      "ldap/g": [],
    });
  });

  it("are what --format says whatever they are called", () => {
    const table = { path: "a.txt", text: "e,ann\n" };
    const asTable = readImportedGroups([table], { ...rules, format: "csv" });
    assert.deepEqual([...asTable.groups.keys()], ["ldap/e"]);
    const list = { path: "a.csv", text: "ann\n" };
    const asList = readImportedGroups([list], { ...rules, format: "list" });
    assert.deepEqual([...asList.groups.keys()], ["ldap/a.csv"]);
  });

  it("have no header but in the first record", () => {
    const { problems } = readImportedGroups([{ path: "t.csv", text: "e,ann\ngroup,member\n" }], {
      ...rules,
      domain: undefined,
    });
    assert.deepEqual(
      problems.map(({ line }) => line),
      [1, 2],
    );
  });

  for (const header of ["member,group", "group,email", "Group", "Member,Group,Note"]) {
    it(`have no other header than group,member: ${header}`, () => {
      const { groups, problems } = readImportedGroups(
        [{ path: "t.csv", text: `${header}\ne,ann\n` }],
        rules,
      );
      assert.deepEqual([...groups.keys()], ["ldap/e"]);
      assert.deepEqual(
        problems.map(({ line, message }) => `${line}: ${message.slice(0, 49)}`),
        ["1: this looks like a header, which must be group,mem"],
      );
    });
  }

  it("tell all their problems with file and line", () => {
    const { problems } = readImportedGroups(
      [
        { path: "a.txt", text: "ann\nuser:\n" },
        { path: "other/a.list", text: "ann\n" },
        { path: "Bad Name.txt", text: "ann\n" },
        { path: "empty.txt", text: "# nobody\n" },
        { path: "t.csv", text: 'e\ne,ann,x\nE,ann\nhr/e,ann\ne,user:no at\n\ne,"a"b\ne,user:\n' },
      ],
      rules,
    );
    assert.deepEqual(
      problems.map(({ file, line, message }) => `${file}:${line}: ${message.slice(0, 40)}`),
      [
        'a.txt:2: a member must be "kind:value" with a kin',
        'other/a.list:0: a.txt is of the group "ldap/a" too',
        "Bad Name.txt:0: the name of the file is that of its grou",
        "empty.txt:0: this list has no member: if the group is",
        "t.csv:1: a record must have two fields, group and",
        "t.csv:2: a record must have two fields, group and",
        't.csv:3: the name of a group of "ldap" must be 1 ',
        't.csv:4: "hr/e" is not of the prefix "ldap": leav',
        't.csv:5: a member must be "kind:value" with a kin',
        "t.csv:7: something follows the closing quote of a",
      ],
    );
  });
});
