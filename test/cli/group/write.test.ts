import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { JsonObject } from "@bufbuild/protobuf";
import { toJson, type DescMessage, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { everyEffect, everyEffectShown } from "../support/effects.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";
import { makeFolder } from "../support/temp-folder.ts";

let sent: JsonObject | undefined;
let failure: Error | undefined;
let isReader = true;

/** Notes a request as JSON, and answers with the fields of every response that it has. */
function note<T>(schema: DescMessage, answer: T): (request: Message & WriteRequest) => T & Written {
  return (request) => {
    sent = toJson(schema, request) as JsonObject;
    if (failure !== undefined) throw failure;
    const effects = request.validateOnly && isReader ? { effects: everyEffect } : {};
    return { ...answer, revisionToken: "AQ", ...effects };
  };
}

interface WriteRequest {
  readonly validateOnly: boolean;
}

interface Written {
  readonly revisionToken: string;
}

const { method } = GroupService;
const fake = await startFake({
  group: {
    createGroup: note(method.createGroup.input, { group: { name: "devs", memberCount: 2n } }),
    updateGroup: note(method.updateGroup.input, { group: { name: "devs" } }),
    deleteGroup: note(method.deleteGroup.input, {}),
    addMembers: note(method.addMembers.input, { added: 1, etag: "e" }),
    removeMembers: note(method.removeMembers.input, { removed: 2 }),
  },
});

const folder = makeFolder({
  "list.txt": "# the team\nuser:Ann@example.com\r\n\nbob@example.com # by mail\nbot:b\n",
  "empty.txt": "# nobody\n",
  "bad.txt": "user:ok@x.com\nnobody\n\nuser:*@x.com\ngroup:devs\nuser:no at\n",
});
const list = join(folder, "list.txt");
const listed = ["user:Ann@example.com", "user:bob@example.com", "bot:b"];

const group = (args: readonly string[], stdin = ""): Promise<CliResult> => {
  sent = undefined;
  return runCli(["group", ...args, "--endpoint", fake.endpoint], { stdin });
};

const wait = "until every server has it: fleetgate wait AQ --endpoints URL,URL\n";

describe("every write of fleetgate group", () => {
  const writes: readonly (readonly [args: readonly string[], fields: JsonObject, done: string])[] =
    [
      [
        [
          ...["create", "devs", "--description", "d", "--owners", "o", "--member", "user:a@x.com"],
          ...["--glob", "bot:*", "--glob", "user:*@x.com", "--nest", "all", "--from-file", list],
        ],
        {
          group: {
            name: "devs",
            description: "d",
            owners: "o",
            members: ["user:a@x.com", ...listed],
            globs: ["bot:*", "user:*@x.com"],
            nested: ["all"],
          },
        },
        'created group "devs" with 2 members',
      ],
      [["create", "devs"], { group: { name: "devs" } }, 'created group "devs" with 2 members'],
      [
        ["update", "devs", "--description", "", "--owners", "o", "--etag", "e0"],
        { group: { name: "devs", owners: "o" }, updateMask: "description,owners", etag: "e0" },
        'replaced description, owners of group "devs"',
      ],
      [
        ["update", "devs", "--glob", "bot:*", "--nest", "all", "--set-members", list],
        {
          group: { name: "devs", globs: ["bot:*"], nested: ["all"], members: listed },
          updateMask: "members,globs,nested",
        },
        'replaced members, globs, nested of group "devs"',
      ],
      [
        ["update", "devs", "--no-globs", "--no-nested", "--no-members"],
        { group: { name: "devs" }, updateMask: "members,globs,nested" },
        'replaced members, globs, nested of group "devs"',
      ],
      [["delete", "devs", "--etag", "e0"], { name: "devs", etag: "e0" }, 'deleted group "devs"'],
      [
        ["add", "devs", "user:a@x.com", "--from-file", list],
        { group: "devs", members: ["user:a@x.com", ...listed] },
        'added 1 of 4 members to group "devs"',
      ],
      [
        ["add", "devs", "user:a@x.com"],
        { group: "devs", members: ["user:a@x.com"] },
        'added 1 member to group "devs"',
      ],
      [
        ["remove", "devs", "user:a@x.com", "bot:b"],
        { group: "devs", members: ["user:a@x.com", "bot:b"] },
        'removed 2 members from group "devs"',
      ],
    ];

  for (const [args, fields, done] of writes) {
    it(`sends what it is told, and says what changed: ${args.slice(0, 3).join(" ")}`, async () => {
      const result = await group(args);
      const { requestId, ...others } = sent ?? {};
      assert.deepEqual(others, fields);
      assert.match(requestId as string, /^[0-9a-f-]{36}$/);
      assert.deepEqual(result, {
        code: 0,
        stdout: `${done}\nrevision token: AQ\n`,
        stderr: wait,
      });
      await group(args);
      assert.notEqual(sent?.["requestId"], requestId);
    });

    it(`takes a reason, guards and a request id: ${args.slice(0, 3).join(" ")}`, async () => {
      const id = "6f2c1d1e-9f5b-4a58-9d6e-0c8f3a1b2c3d";
      await group([...args, "--reason", "r", "--request-id", id, "--max-gained", "0"]);
      assert.deepEqual(sent, { ...fields, reason: "r", requestId: id, guards: { maxGained: 0 } });
      await group([...args, "--max-lost", "3", "--allow-lock-out"]);
      assert.deepEqual(sent?.["guards"], { maxLost: 3, allowLockOut: true });
    });

    it(`only tells the effects with --dry-run: ${args.slice(0, 3).join(" ")}`, async () => {
      const result = await group([...args, "--dry-run"]);
      assert.deepEqual(sent, { ...fields, validateOnly: true });
      assert.equal(result.code, 0);
      const [first, ...others] = result.stdout.trimEnd().split("\n");
      assert.match(first ?? "", /^would (?:create|replace|delete|add|remove) /);
      assert.deepEqual(others, everyEffectShown);
      assert.equal(result.stderr, "");
    });

    it(`prints the message with --json: ${args.slice(0, 3).join(" ")}`, async () => {
      const { code, stdout, stderr } = await group([...args, "--json"]);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.equal((JSON.parse(stdout) as Written).revisionToken, "AQ");
      const dry = await group([...args, "--json", "--dry-run"]);
      const { effects } = JSON.parse(dry.stdout) as { effects: { gained: unknown } };
      assert.deepEqual(effects.gained, { identities: "12", globs: "1" });
    });
  }

  it("says so when the effects are not told", async () => {
    isReader = false;
    const result = await group(["delete", "devs", "--dry-run"]);
    isReader = true;
    assert.equal(result.code, 0);
    assert.equal(result.stdout, 'would delete group "devs"\n');
    assert.match(result.stderr, /you are no reader/);
  });

  it("reads members from standard input", async () => {
    await group(["add", "devs", "--from-file", "-"], "\uFEFFuser:a@x.com\n");
    assert.deepEqual(sent?.["members"], ["user:a@x.com"]);
  });
});

describe("an error of a write", () => {
  const refusals: readonly (readonly [Error, RegExp])[] = [
    [
      fleetgateError(Code.Aborted, "ETAG_MISMATCH", "changed", { group: "devs" }),
      /`fleetgate group get devs` shows/,
    ],
    [
      fleetgateError(Code.FailedPrecondition, "EFFECT_TOO_LARGE", "too many"),
      /hint: --dry-run without --max-gained and --max-lost tells who/,
    ],
    [fleetgateError(Code.FailedPrecondition, "LOCK_OUT", "you"), /--allow-lock-out/],
  ];
  for (const [error, hint] of refusals) {
    it(`ends with 4 and a way out: ${error.message}`, async () => {
      failure = error;
      const result = await group(["delete", "devs"]);
      failure = undefined;
      assert.deepEqual([result.code, result.stdout], [4, ""]);
      assert.match(result.stderr, hint);
      assert.doesNotMatch(result.stderr, /--request-id/);
    });
  }

  it("says how to repeat it when nobody knows whether the change was made", async () => {
    const failures = [
      new ConnectError("gone", Code.Unavailable),
      fleetgateError(Code.Unavailable, "STORAGE_UNAVAILABLE", "no database"),
      fleetgateError(Code.Internal, "INTERNAL_FAULT", "a fault"),
    ];
    for (const error of failures) {
      failure = error;
      const result = await group(["delete", "devs"]);
      assert.equal(result.code, 4);
      const id = /--request-id ([0-9a-f-]{36})\n$/.exec(result.stderr)?.[1];
      assert.equal(id, sent?.["requestId"]);
      const dry = await group(["delete", "devs", "--dry-run"]);
      assert.doesNotMatch(dry.stderr, /--request-id/);
    }
    failure = undefined;
  });
});

describe("a mistake on the command line of a write", () => {
  const misuses: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
    ["no group", ["add"], /missing required argument/],
    ["no members", ["add", "devs"], /no member is named/],
    ["a bare address", ["add", "devs", "ann@example.com"], /user:name@domain/],
    ["a malformed member", ["create", "devs", "--member", "ann"], /user:name@domain/],
    ["a list of nobody", ["add", "devs", "--from-file", join(folder, "empty.txt")], /no member/],
    [
      "a list of nobody to set",
      ["update", "devs", "--set-members", join(folder, "empty.txt")],
      /--no-members/,
    ],
    [
      "a file that is not there",
      ["add", "devs", "--from-file", join(folder, "no")],
      /does not exist/,
    ],
    ["nothing to replace", ["update", "devs"], /nothing is to be replaced/],
    ["two ways to set globs", ["update", "devs", "--glob", "bot:*", "--no-globs"], /--no-globs/],
    ["an empty owner", ["create", "devs", "--owners", ""], /must not be empty/],
    ["an empty glob", ["create", "devs", "--glob", ""], /must not be empty/],
    ["an empty request id", ["delete", "devs", "--request-id", ""], /must not be empty/],
    ["a negative guard", ["delete", "devs", "--max-lost", "-1"], /whole number/],
    ["a guard beyond 31 bits", ["delete", "devs", "--max-lost", "2147483648"], /whole number/],
  ];
  for (const [what, args, says] of misuses) {
    it(`ends with 2 and sends nothing: ${what}`, async () => {
      const result = await group(args);
      assert.deepEqual([result.code, result.stdout], [2, ""]);
      assert.match(result.stderr, says);
      assert.equal(sent, undefined);
    });
  }

  it("shows every problem of a list with its line", async () => {
    const file = join(folder, "bad.txt");
    const result = await group(["add", "devs", "--from-file", file]);
    assert.deepEqual([result.code, sent], [2, undefined]);
    const lines = result.stderr.trimEnd().split("\n");
    assert.equal(lines.length, 5);
    assert.ok(lines[0]?.startsWith(`${file}:2: error: "nobody" has no kind`));
    assert.ok(lines[1]?.startsWith(`${file}:4: error: "user:*@x.com" looks like a glob`));
    assert.ok(lines[2]?.startsWith(`${file}:5: error: "group:devs" is a group`));
    assert.ok(lines[3]?.startsWith(`${file}:6: error: a member must be "kind:value"`));
    assert.equal(lines[4], "error: nothing was sent: 4 errors");
  });
});
