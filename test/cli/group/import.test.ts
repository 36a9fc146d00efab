import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { toJson, type JsonValue } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import {
  ImportGroupsRequestSchema,
  type ImportGroupsRequest,
} from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { everyEffect, everyEffectShown } from "../support/effects.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";
import { makeFolder } from "../support/temp-folder.ts";

let messages: ImportGroupsRequest[] = [];
let refusal: Error | undefined;

const fake = await startFake({
  group: {
    importGroups: async (requests) => {
      messages = [];
      if (refusal !== undefined) throw refusal;
      for await (const request of requests) messages.push(request);
      const [first] = messages;
      const dry = first?.part.case === "options" && first.part.value.validateOnly;
      return {
        groupsCreated: 1,
        groupsUpdated: 2,
        groupsEmptied: ["ldap/old"],
        membersAdded: 3,
        revisionToken: "AQ",
        ...(dry ? { effects: everyEffect } : {}),
      };
    },
  },
});

const folder = makeFolder({
  "staff.csv": "group,member\nstaff,ann\nleads,user:bob@x.com\nstaff,bot:b\nempty,\n",
  "leads.txt": "ann@x.com\n",
  "bad.txt": "nobody\n",
  "bad.csv": "staff,nobody\nstaff\n",
  "empty.csv": "group,member\n",
  "empty.txt": "# nobody\n\n",
  "big.csv": Array.from({ length: 100_001 }, (_, index) => `big,bot:b${index}\n`).join(""),
});
const file = (name: string): string => join(folder, name);
const importGroups = (args: readonly string[], stdin = ""): Promise<CliResult> => {
  messages = [];
  return runCli(["group", "import", ...args, "--endpoint", fake.endpoint], { stdin });
};
const sent = (): readonly JsonValue[] =>
  messages.map((message) => toJson(ImportGroupsRequestSchema, message));

const done = 'imported "ldap": 1 group created, 2 updated, 0 deleted; 3 members added, 0 removed';
const emptied = "emptied, because they are in use: ldap/old";

describe("fleetgate group import", () => {
  it("sends the options, then every group with its members", async () => {
    const args = ["ldap", file("staff.csv"), file("leads.txt")];
    const refused = await importGroups(args);
    assert.deepEqual([refused.code, messages], [2, []]);
    const id = "6f2c1d1e-9f5b-4a58-9d6e-0c8f3a1b2c3d";
    const write = ["--reason", "r", "--request-id", id, "--max-lost", "0"];
    const result = await importGroups([...args, "--domain", "x.com", ...write]);
    assert.deepEqual(sent(), [
      { options: { prefix: "ldap", requestId: id, reason: "r", guards: { maxLost: 0 } } },
      { group: { name: "ldap/staff", members: ["user:ann@x.com", "bot:b"] } },
      { group: { name: "ldap/leads", members: ["user:bob@x.com", "user:ann@x.com"] } },
      { group: { name: "ldap/empty" } },
      { end: { messages: "3" } },
    ]);
    assert.deepEqual(result, {
      code: 0,
      stdout: `${done}\n${emptied}\nrevision token: AQ\n`,
      stderr: "until every server has it: fleetgate wait AQ --endpoints URL,URL\n",
    });
  });

  it("only tells the effects with --dry-run", async () => {
    const { stdout } = await importGroups(["ldap", file("leads.txt"), "--dry-run"]);
    assert.deepEqual(sent()[0], { options: { prefix: "ldap", validateOnly: true } });
    const lines = [done.replace("imported", "would import"), emptied, ...everyEffectShown];
    assert.deepEqual(stdout.trimEnd().split("\n"), lines);
  });

  it("sends many members in messages of 10,000, and tells how far it is", async () => {
    const { code, stderr } = await importGroups(["ldap", file("big.csv")]);
    assert.equal(code, 0);
    const groups = messages
      .slice(1, -1)
      .map(({ part }) => (part.case === "group" ? part.value : undefined));
    assert.deepEqual(
      groups.map((group) => group?.members.length),
      [...Array.from({ length: 10 }, () => 10_000), 1],
    );
    const members = groups.flatMap((group) => group?.members ?? []);
    assert.deepEqual([members.length, new Set(members).size], [100_001, 100_001]);
    const told = [...stderr.matchAll(/^sent (\d+) of 100001 members$/gm)];
    assert.deepEqual(told.map(([, count]) => count).at(-1), "100001");
    assert.ok(told.length <= 10);
  });

  it("reads a table from standard input", async () => {
    await importGroups(["ldap", "-", "--format", "csv"], "staff,bot:b\n");
    assert.deepEqual(sent()[1], { group: { name: "ldap/staff", members: ["bot:b"] } });
  });

  it("deletes all groups of a prefix only when it is told to", async () => {
    const { code } = await importGroups(["ldap", "--delete-all"]);
    assert.deepEqual([code, sent().length], [0, 2]);
  });

  it("shows every problem of every file before anything is sent", async () => {
    const { code, stdout, stderr } = await importGroups(["ldap", file("bad.txt"), file("bad.csv")]);
    assert.deepEqual([code, stdout, messages], [2, "", []]);
    const hint = '"nobody" has no kind: write "kind:value", e.g. "user:name@domain"';
    assert.deepEqual(stderr.trimEnd().split("\n"), [
      `${file("bad.txt")}:1: error: ${hint}`,
      `${file("bad.csv")}:1: error: ${hint}`,
      `${file("bad.csv")}:2: error: a record must have two fields, group and member; this one has 1`,
      "error: nothing was sent: 3 errors",
    ]);
  });

  it("shows the answer of a server that refuses while it is still sending", async () => {
    refusal = fleetgateError(Code.PermissionDenied, "GROUP_FORBIDDEN", "not you");
    for (const name of ["leads.txt", "big.csv"]) {
      const { code, stderr } = await importGroups(["ldap", file(name)]);
      assert.equal(code, 4);
      assert.match(stderr, /^error: not you\nreason: GROUP_FORBIDDEN$/m);
    }
    refusal = undefined;
  });

  const misuses: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
    ["no file", ["ldap"], /--delete-all/],
    ["files to delete all", ["ldap", file("leads.txt"), "--delete-all"], /goes without files/],
    ["a list without members", ["ldap", file("empty.txt")], /empty\.txt: error: this list has no/],
    ["files without a group", ["ldap", file("empty.csv")], /hold no group/],
    [
      "a domain that is none",
      ["ldap", file("leads.txt"), "--domain", "exa mple"],
      /--domain: no person can be of "exa mple"/,
    ],
    ["a prefix with a slash", ["ldap/", file("leads.txt")], /a prefix must be/],
    ["a list on standard input", ["ldap", "-"], /has no name/],
    ["standard input twice", ["ldap", "-", "-", "--format", "csv"], /only one file/],
    ["an unknown format", ["ldap", file("leads.txt"), "--format", "xml"], /Allowed choices/],
    ["a file that is not there", ["ldap", file("none.csv")], /does not exist/],
    ["a folder", ["ldap", folder], /is a directory/],
  ];
  for (const [what, args, says] of misuses) {
    it(`ends with 2 and sends nothing: ${what}`, async () => {
      const result = await importGroups(args);
      assert.deepEqual([result.code, result.stdout, messages], [2, "", []]);
      assert.match(result.stderr, says);
    });
  }
});
