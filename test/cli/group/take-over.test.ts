import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toJson, type DescMessage, type JsonObject, type Message } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { Code } from "@connectrpc/connect";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";

const { method } = GroupService;
let sent: JsonObject | undefined;
let isManaged = true;

const takeOver = {
  author: "user:root@example.com",
  reason: "the repository\u001b is down",
  expiresAt: timestampFromDate(new Date("2030-01-02T03:04:05.678Z")),
};
const taken = { name: "sheriffs", managedBy: "main", owners: "administrators", takeOver };

function note<T>(schema: DescMessage, answer: T): (request: Message) => T {
  return (request) => {
    sent = toJson(schema, request) as JsonObject;
    if (!isManaged) {
      throw fleetgateError(Code.FailedPrecondition, "NOT_MANAGED", "no source manages it");
    }
    return answer;
  };
}

const fake = await startFake({
  group: {
    takeOverGroup: note(method.takeOverGroup.input, { group: taken, revisionToken: "AQ" }),
    returnGroup: note(method.returnGroup.input, {
      group: { ...taken, takeOver: undefined },
      revisionToken: "AQ",
    }),
    getGroup: () => ({ group: taken, revisionToken: "AQ" }),
    listGroups: () => ({
      groups: [taken, { name: "devs", owners: "devs", managedBy: "main" }],
      totalSize: 2,
      revisionToken: "AQ",
    }),
  },
});

const group = (...args: readonly string[]): Promise<CliResult> => {
  sent = undefined;
  return runCli(["group", ...args, "--endpoint", fake.endpoint]);
};

const shown = "until 2030-01-02T03:04:05Z by user:root@example.com: the repository\\u001b is down";
const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

describe("fleetgate group take-over", () => {
  it("takes a group over for a time and says until when", async () => {
    const result = await group("take-over", "sheriffs", "--for", "4h", "--reason", "down");
    assert.deepEqual(
      [result.code, result.stdout],
      [0, `took over group "sheriffs" ${shown}\nrevision token: AQ\n`],
    );
    const { requestId, ...rest } = sent ?? {};
    assert.deepEqual(rest, { name: "sheriffs", reason: "down", duration: "14400s" });
    assert.ok(typeof requestId === "string" && uuid.test(requestId));
  });

  it("says what a dry run would do, and sends no request id", async () => {
    const args = ["sheriffs", "--for", "30d", "--reason", "down", "--dry-run"];
    const result = await group("take-over", ...args);
    assert.equal(result.stdout, `would take over group "sheriffs" ${shown}\n`);
    assert.deepEqual(sent, {
      ...{ name: "sheriffs", reason: "down", duration: "2592000s", validateOnly: true },
    });
  });

  it("prints the message with --json", async () => {
    const args = ["sheriffs", "--for", "1h", "--reason", "down", "--json"];
    const { stdout } = await group("take-over", ...args);
    const { group: told } = JSON.parse(stdout) as { group: { takeOver: { expiresAt: string } } };
    assert.equal(told.takeOver.expiresAt, "2030-01-02T03:04:05.678Z");
  });

  for (const [what, args] of [
    ["no --for", ["--reason", "down"]],
    ["no --reason", ["--for", "4h"]],
    ["a time without a unit", ["--reason", "down", "--for", "4"]],
    ["no time", ["--reason", "down", "--for", "0h"]],
  ] as const) {
    it(`is no usage with ${what}`, async () => {
      const { code } = await group("take-over", "sheriffs", ...args);
      assert.deepEqual([code, sent], [2, undefined]);
    });
  }

  it("ends with 4 when there is nobody to take it over from", async () => {
    isManaged = false;
    const { code, stderr } = await group("take-over", "s", "--for", "4h", "--reason", "down");
    isManaged = true;
    assert.deepEqual([code, /no source manages it/.test(stderr)], [4, true]);
  });
});

describe("fleetgate group return", () => {
  it("returns a group, and would", async () => {
    const done = await group("return", "sheriffs", "--reason", "up", "--request-id", "x");
    assert.equal(done.stdout, 'returned group "sheriffs" to source "main"\nrevision token: AQ\n');
    assert.deepEqual(sent, { name: "sheriffs", reason: "up", requestId: "x" });
    const dry = await group("return", "sheriffs", "--dry-run");
    assert.equal(dry.stdout, 'would return group "sheriffs" to source "main"\n');
    assert.deepEqual(sent, { name: "sheriffs", validateOnly: true });
  });
});

describe("a group that is taken over", () => {
  it("is shown with until when, by whom and why", async () => {
    const { stdout } = await group("get", "sheriffs");
    assert.ok(
      stdout.includes(`managed by: source main\ntaken over: ${shown}\nmembers: 0\n`),
      stdout,
    );
  });

  it("is marked in lists", async () => {
    const { stdout } = await group("list");
    assert.match(stdout, /^sheriffs +0 +administrators +main \(taken over\)/m);
    assert.match(stdout, /^devs +0 +devs +main *$/m);
  });
});
