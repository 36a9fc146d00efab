import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { openBench, type Bench } from "../rpc/support/bench.ts";
import { group } from "../rpc/support/world.ts";
import { inspected, inspectState, type Asker } from "../rpc/inspect/support/inspect-world.ts";
import { fleetgateError, startFake } from "./support/fake-fleetgate.ts";
import { runAs } from "./support/run-as.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";

const ann = "user:ann@example.com";
const createTask = ["--permission", "swarming.pools.createTask"];

describe("fleetgate inspect", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    bench.replica.state = inspectState();
  });
  after(() => bench.close());

  const inspect = (asker: Asker, ...args: readonly string[]): Promise<CliResult> =>
    runAs(asker, bench.servers.http2, ["inspect", ...args]);

  it("permissions: shows what one may do oneself, place by place", async () => {
    const result = await inspect("ann", "permissions");
    assert.deepEqual(result, {
      code: 0,
      stderr: "",
      stdout: [
        "realm acme:ci",
        "  swarming.pools.createTask",
        "  swarming.tasks.cancel",
        "  swarming.tasks.createInRealm",
        "  swarming.tasks.get",
        'pool "ci"',
        "  swarming.pools.createTask",
        "  swarming.tasks.cancel",
        "  swarming.tasks.createInRealm",
        "  swarming.tasks.get",
        "",
      ].join("\n"),
    });
    const other = await inspect("reader", "permissions", ann);
    assert.equal(other.stdout, result.stdout);
  });

  it("permissions: says so when there is none, and who may not look", async () => {
    const none = await inspect("stranger", "permissions");
    assert.deepEqual(none, { code: 0, stdout: "", stderr: "no permission anywhere\n" });
    const refused = await inspect("stranger", "permissions", ann);
    assert.deepEqual([refused.code, refused.stdout], [4, ""]);
    assert.match(refused.stderr, /is for readers: .*\nreason: GROUP_REQUIRED\n/);
  });

  it("principals: shows who, and by which groups", async () => {
    const { code, stdout } = await inspect("reader", "principals", ...createTask, "--pool", "ci");
    assert.equal(code, 0);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "KIND      NAME                  VIA",
      'identity  user:ann@example.com  "everybody"',
      'group     devs                  "everybody"',
      "group     everybody             itself",
      'group     linux-devs            "everybody"',
    ]);
    const nobody = await inspect("reader", "principals", ...createTask, "--server");
    assert.deepEqual(nobody, { code: 0, stdout: "", stderr: "nobody\n" });
  });

  it("principals: wants exactly one place", async () => {
    for (const args of [
      [],
      ["--pool", "ci", "--server"],
      ["--pool", "ci", "--realm", "a:b"],
      ["--pool", "ci", "--task-realm", "a:b"],
      ["--task-realm", "a:b"],
      ["--pool", ""],
    ]) {
      const result = await inspect("reader", "principals", ...createTask, ...args);
      assert.deepEqual([result.code, result.stdout], [2, ""], args.join(" "));
    }
  });

  it("principals: takes a task with all that is known of it", async () => {
    const { code, stdout, stderr } = await inspect(
      "reader",
      ...["principals", "--permission", "swarming.tasks.get", "--task", "t1"],
      ...["--task-realm", "acme:ci", "--task-pool", "ci", "--task-bot", "ci-1"],
      ...["--task-submitter", "user:Sub@example.com"],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^submitter +user:Sub@example\.com +itself$/m);
  });

  it("groups: shows every group of an identity, a group or a glob, and how", async () => {
    const table = async (principal: string): Promise<readonly string[]> => {
      const { code, stdout, stderr } = await inspect("reader", "groups", principal);
      assert.equal(code, 0, stderr);
      return stdout.trimEnd().split("\n");
    };
    assert.deepEqual(await table(ann), [
      "GROUP       SOURCE  HOW",
      'devs        main    nests "linux-devs"',
      'everybody   main    nests "devs"',
      "linux-devs  main    lists user:ann@example.com",
    ]);
    assert.deepEqual(await table("group:devs"), [
      "GROUP      SOURCE  HOW",
      'everybody  main    nests "devs"',
    ]);
    const globbed = { ...group("guests", []), globs: ["user:*@x.com"] };
    bench.replica.state = inspectState({ ...inspected, groups: [...inspected.groups, globbed] });
    assert.deepEqual(await table("user:*@x.com"), [
      "GROUP   SOURCE  HOW",
      "guests  main    has the glob user:*@x.com",
    ]);
    bench.replica.state = inspectState();
    const none = await inspect("reader", "groups", "user:zoe@x.com");
    assert.deepEqual(none, { code: 0, stdout: "", stderr: "in no group\n" });
    for (const bare of ["devs", "ann@example.com"]) {
      const { code, stderr } = await inspect("reader", "groups", bare);
      assert.equal(code, 2);
      assert.equal(
        stderr,
        `error: "${bare}" is no identity, glob or group\nhint: a group is written as "group:name", people as "user:name@domain"\n`,
      );
    }
    const missing = await inspect("reader", "groups", "group:nobody");
    assert.deepEqual([missing.code, missing.stdout], [4, ""]);
    assert.match(missing.stderr, /there is no group "nobody"\nreason: NOT_FOUND/);
  });

  it("prints one response with the entries of all pages with --json", async () => {
    const many = Array.from({ length: 2500 }, (_, index) => ({
      ...group(`g${index}`, []),
      nested: ["linux-devs"],
    }));
    bench.replica.state = inspectState({ ...inspected, groups: [...inspected.groups, ...many] });
    bench.records.length = 0;
    const { code, stdout } = await inspect("reader", "groups", ann, "--json");
    bench.replica.state = inspectState();
    assert.equal(code, 0);
    const whole = JSON.parse(stdout) as {
      readonly memberships: readonly { readonly group: string }[];
      readonly totalSize: number;
      readonly revisionToken: string;
      readonly nextPageToken?: string;
    };
    assert.equal(bench.records.length, 3);
    assert.equal(whole.totalSize, 2503);
    assert.equal(new Set(whole.memberships.map(({ group: name }) => name)).size, 2503);
    assert.equal(whole.nextPageToken, undefined);
    assert.equal(whole.revisionToken, inspectState().revisionToken);
  });
});

describe("fleetgate inspect", () => {
  let failures = 0;
  const asked: unknown[] = [];
  const fake = startFake({
    inspect: {
      lookupPrincipal: ({ pageToken, consistency, pageSize }) => {
        asked.push([pageToken, pageSize, consistency?.requirement]);
        if (pageToken === "") return { nextPageToken: "more", revisionToken: "AQid" };
        if (failures > 0) {
          failures -= 1;
          throw fleetgateError(Code.InvalidArgument, "PAGE_TOKEN_INVALID", "page_token: late");
        }
        return { revisionToken: "AQid" };
      },
    },
  });
  const look = async (): Promise<CliResult> =>
    runCli(["inspect", "groups", ann, "--endpoint", (await fake).endpoint]);

  it("asks for each further page at the revision of the first", async () => {
    asked.length = 0;
    assert.equal((await look()).code, 0);
    assert.deepEqual(asked, [
      ["", 1000, undefined],
      ["more", 1000, { case: "atLeastAsFresh", value: "AQid" }],
    ]);
  });

  it("begins anew when the list changes meanwhile, a few times", async () => {
    failures = 2;
    assert.equal((await look()).code, 0);
    failures = 3;
    const result = await look();
    assert.equal(result.code, 4);
    assert.match(result.stderr, /reason: PAGE_TOKEN_INVALID/);
  });
});
