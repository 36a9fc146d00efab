import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import type { Consistency } from "../../../src/gen/fleetgate/acl/v1/consistency_pb.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";

const asked: object[] = [];
let members: readonly string[] = [];
/** Told before each page after the first. */
let beforePage: (after: string) => void = () => undefined;

const devs = {
  name: "devs",
  description: "the\tdevelopers",
  owners: "leads",
  members: ["user:Ann@example.com", "user:bob@example.com"],
  globs: ["bot:*"],
  nested: ["all"],
  memberCount: 2n,
  managedBy: "main",
  etag: "e0",
};

const many = Array.from({ length: 150_000 }, (_, index) => ({ name: `many/${index}` }));

const requirement = (consistency: Consistency | undefined): object | undefined =>
  consistency?.requirement.case === undefined
    ? undefined
    : { [consistency.requirement.case]: consistency.requirement.value };

const stale = (): Error => fleetgateError(Code.InvalidArgument, "PAGE_TOKEN_INVALID", "stale");

const fake = await startFake({
  group: {
    getGroup: ({ name, withoutMembers, consistency }) => {
      asked.push({ name, withoutMembers, fresh: requirement(consistency) });
      if (name === "big") {
        const metadata = { limit: "group_members" };
        throw fleetgateError(Code.ResourceExhausted, "LIMIT_EXCEEDED", "too many", metadata);
      }
      if (name === "bare" || name === "ldap/bare")
        return { group: { name, owners: "administrators" } };
      return { group: withoutMembers ? { ...devs, members: [] } : devs, revisionToken: "AQ" };
    },
    listGroups: ({ prefix, pageSize, pageToken, consistency }) => {
      asked.push({ prefix, pageSize, pageToken, fresh: requirement(consistency) });
      if (prefix === "many/") return { groups: many, revisionToken: "AQ" };
      if (prefix === "none/") return { revisionToken: "AQ" };
      const long = { ...devs, name: "a/long", managedBy: "", description: "d".repeat(61) };
      return pageToken === ""
        ? { groups: [long], nextPageToken: "next", totalSize: 2, revisionToken: "AQ" }
        : { groups: [devs], totalSize: 2, revisionToken: "AQ" };
    },
    listMembers: ({ group, pageSize, pageToken, consistency }) => {
      asked.push({ group, pageSize, pageToken, fresh: requirement(consistency) });
      if (pageToken !== "") beforePage(pageToken);
      const from = pageToken === "" ? 0 : Number(pageToken);
      const to = from + 2;
      return {
        members: members.slice(from, to),
        nextPageToken: to < members.length ? String(to) : "",
        totalSize: members.length,
        revisionToken: "AQ",
      };
    },
  },
});

const group = (...args: readonly string[]): Promise<CliResult> => {
  asked.length = 0;
  return runCli(["group", ...args, "--endpoint", fake.endpoint]);
};

describe("fleetgate group get", () => {
  it("shows all that there is of a group", async () => {
    assert.deepEqual(await group("get", "devs"), {
      code: 0,
      stderr: "",
      stdout: [
        "group devs",
        "description: the\\u0009developers",
        "owners: leads",
        "managed by: source main",
        "members: 2",
        "  user:Ann@example.com",
        "  user:bob@example.com",
        "globs: 1",
        "  bot:*",
        "nested groups: 1",
        "  all",
        "etag: e0",
        "",
      ].join("\n"),
    });
    const bare = await group("get", "bare");
    assert.equal(
      bare.stdout,
      "group bare\nowners: administrators\nmanaged by: nobody: it is edited here\nmembers: 0\n",
    );
    const imported = await group("get", "ldap/bare");
    assert.match(imported.stdout, /^managed by: nobody: it is imported$/m);
  });

  it("leaves the members out when asked to, and says that when they are too many", async () => {
    const { stdout } = await group("get", "devs", "--no-members");
    assert.match(stdout, /^members: 2\nglobs/m);
    assert.deepEqual(asked, [{ name: "devs", withoutMembers: true, fresh: undefined }]);
    const big = await group("get", "big");
    assert.equal(big.code, 4);
    assert.match(big.stderr, /--no-members; `fleetgate group members`/);
  });

  const freshness: readonly (readonly [readonly string[], object])[] = [
    [["--at-revision", "17"], { atExactRevision: 17n }],
    [["--at-least-as-fresh", "AQ"], { atLeastAsFresh: "AQ" }],
    [["--fully-consistent"], { fullyConsistent: true }],
  ];
  for (const [args, fresh] of freshness) {
    it(`asks for the state that is wanted: ${args.join(" ")}`, async () => {
      await group("get", "devs", ...args);
      assert.deepEqual(asked, [{ name: "devs", withoutMembers: false, fresh }]);
      await group("list", ...args);
      const [first, second] = asked as { readonly fresh: object }[];
      assert.deepEqual(first?.fresh, fresh);
      // A page is of the revision of the first, which only an exact revision names by itself.
      const isExact = args[0] === "--at-revision";
      assert.deepEqual(second?.fresh, isExact ? fresh : { atLeastAsFresh: "AQ" });
    });
  }

  it("ends with 2 for what is no revision, and for two states at once", async () => {
    for (const args of [
      ["--at-revision", "0"],
      ["--at-revision", "1.5"],
      ["--at-revision", "1", "--fully-consistent"],
      ["--at-revision", "1", "--at-least-as-fresh", "AQ"],
    ]) {
      assert.equal((await group("get", "devs", ...args)).code, 2, args.join(" "));
    }
    assert.deepEqual(asked, []);
  });
});

describe("fleetgate group list", () => {
  it("shows a table of all pages", async () => {
    const { code, stdout } = await group("list", "--prefix", "a");
    assert.equal(code, 0);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "NAME    MEMBERS  OWNERS  SOURCE    DESCRIPTION",
      `a/long  2        leads   imported  ${"d".repeat(60)}…`,
      "devs    2        leads   main      the\\u0009developers",
    ]);
    assert.deepEqual(asked[1], {
      prefix: "a",
      pageSize: 1000,
      pageToken: "next",
      fresh: { atLeastAsFresh: "AQ" },
    });
  });

  it("prints one message with --json, and a note when there is none", async () => {
    const { stdout } = await group("list", "--json");
    const whole = JSON.parse(stdout) as { groups: { name: string }[]; nextPageToken?: string };
    assert.deepEqual(
      whole.groups.map(({ name }) => name),
      ["a/long", "devs"],
    );
    assert.equal(whole.nextPageToken, undefined);
    const none = await group("list", "--prefix", "none/");
    assert.deepEqual(none, { code: 0, stdout: "", stderr: "no groups that you may read\n" });
  });
});

describe("a list of fleetgate", () => {
  it("may be longer than a call takes arguments", async () => {
    const { code, stdout } = await group("list", "--prefix", "many/");
    assert.deepEqual([code, stdout.split("\n").length], [0, many.length + 2]);
  });
});

describe("fleetgate group members", () => {
  const seven = Array.from({ length: 7 }, (_, index) => `bot:b${index}`);
  const lines = (result: CliResult): readonly string[] =>
    result.stdout.split("\n").filter((line) => line !== "");

  it("prints every member of every page, one a line", async () => {
    members = seven;
    const result = await group("members", "devs");
    assert.equal(result.code, 0);
    assert.deepEqual(lines(result), seven);
    assert.equal(asked.length, 4);
    members = [];
    const none = await group("members", "devs");
    assert.deepEqual(none, { code: 0, stdout: "", stderr: "no members\n" });
  });

  it("shows a page before it has the next", async () => {
    members = seven;
    let shown = "";
    const seen: string[] = [];
    beforePage = () => seen.push(shown);
    await runCli(["group", "members", "devs", "--endpoint", fake.endpoint], {
      onStdout: (soFar) => {
        shown = soFar;
      },
    });
    beforePage = () => undefined;
    assert.equal(seen[0], "bot:b0\nbot:b1\n");
  });

  it("goes on when the list changes behind what it has shown", async () => {
    members = seven;
    let failed = false;
    beforePage = (after) => {
      if (failed || after !== "4") return;
      failed = true;
      members = [...seven.slice(0, 5), "bot:new", ...seven.slice(5)];
      throw stale();
    };
    const result = await group("members", "devs");
    beforePage = () => undefined;
    assert.equal(result.code, 0);
    assert.deepEqual(lines(result), members);
  });

  it("ends with 4 when what it has shown is no beginning of the list any more", async () => {
    for (const later of [["bot:a", ...seven], seven.slice(1), seven.slice(0, 3)]) {
      members = seven;
      beforePage = (after) => {
        if (members !== seven || after !== "4") return;
        members = later;
        throw stale();
      };
      const result = await group("members", "devs");
      assert.equal(result.code, 4);
      assert.match(result.stderr, /changed while it was read: the 4 lines shown are outdated/);
    }
    beforePage = () => undefined;
  });

  it("gives up when it does not get any further", async () => {
    members = seven;
    let attempts = 0;
    beforePage = (after) => {
      if (after !== "2") return;
      attempts += 1;
      throw stale();
    };
    const result = await group("members", "devs");
    beforePage = () => undefined;
    assert.deepEqual([result.code, attempts], [4, 3]);
  });

  it("prints one message with --json, and nothing before it is complete", async () => {
    members = seven;
    let failed = false;
    beforePage = (after) => {
      if (failed || after !== "4") return;
      failed = true;
      members = seven.slice(1);
      throw stale();
    };
    const result = await group("members", "devs", "--json");
    beforePage = () => undefined;
    assert.deepEqual(JSON.parse(result.stdout), {
      members: seven.slice(1),
      totalSize: 6,
      revisionToken: "AQ",
    });
  });
});
