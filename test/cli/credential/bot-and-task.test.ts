import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { SetBotStateRequest } from "../../../src/gen/fleetgate/credential/v1/bot_service_pb.ts";
import {
  InstanceState,
  RunnerState,
  TaskState,
} from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult, type CliWorld } from "../support/run-cli.ts";

const at = timestampFromDate(new Date("2030-01-02T03:04:05Z"));
const bot = {
  ...{ botId: "vm1", uid: "u", realm: "p:r", generation: 1, epoch: 2n, version: 3n },
  ...{ runnerState: RunnerState.INSTALLING, instanceState: InstanceState.PENDING_FORCE_DELETE },
  ...{ createdAt: at, createdBy: "service:prov\u001b" },
  oneTimeSecrets: [{ name: "registration" }, { name: "other", fetchedAt: at }],
};
let stated: SetBotStateRequest | undefined;
let references: unknown;
const seen: unknown[] = [];

const fake = await startFake({
  bot: {
    createBot: ({ oneTimeReferences }) => {
      references = oneTimeReferences;
      return { bot };
    },
    getBot: () => ({ bot }),
    listBots: ({ pageToken }) =>
      pageToken === "" ? { bots: [bot], nextPageToken: "n" } : { bots: [{ ...bot, botId: "vm2" }] },
    setBotState: (request) => {
      stated = request;
      return { bot };
    },
    fetchOnce: ({ token }) => ({ reference: "vault:x", fetchId: token === "" ? "" : "f1" }),
  },
  task: {
    renewHolds: () => ({ outcomes: [{ leaseUntil: at, state: TaskState.CANCELING }, {}] }),
    setTaskState: (request) => {
      seen.push([request.taskId, request.state]);
      return { task: { taskId: "t1", state: request.state } };
    },
    endTask: (request) => {
      seen.push([request.taskId, request.state]);
      return {};
    },
  },
});
const fleetgate = (line: string, world: CliWorld = {}): Promise<CliResult> =>
  runCli([...line.split(" "), "--endpoint", fake.endpoint], world);

describe("fleetgate bot", () => {
  it("says states in lower case, and what others wrote without control characters", async () => {
    const { code, stdout } = await fleetgate("bot get vm1");
    assert.equal(code, 0);
    assert.match(stdout, /^state: runner installing, instance pending_force_delete$/m);
    assert.match(stdout, /^created: 2030-01-02T03:04:05Z by service:prov\\u001b$/m);
    assert.match(stdout, /^one-time secret registration: not fetched$/m);
  });

  it("list has all pages, as a table and as one message", async () => {
    const { stdout } = await fleetgate("bot list --realm p:r");
    assert.deepEqual(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/ +/)[0]),
      ["BOT", "vm1", "vm2"],
    );
    const json = JSON.parse((await fleetgate("bot list --realm p:r --json")).stdout) as {
      bots: unknown[];
    };
    assert.equal(json.bots.length, 2);
  });

  it("state says what it was told and nothing else", async () => {
    await fleetgate("bot state --runner idle --agent-id 9007199254740993");
    assert.deepEqual(
      [stated?.botId, stated?.runnerState, stated?.instanceState, stated?.agentId],
      ["", RunnerState.IDLE, InstanceState.UNSPECIFIED, 9007199254740993n],
    );
    for (const wrong of [
      "",
      " --runner IDLE",
      " --runner unspecified",
      " --instance idle",
      " --agent-id 0",
    ]) {
      stated = undefined;
      assert.equal((await fleetgate(`bot state vm1${wrong}`)).code, 2, wrong);
      assert.equal(stated, undefined);
    }
  });

  it("create keeps what follows the first = of a reference, and quotes none that is wrong", async () => {
    await fleetgate("bot create vm1 --realm p:r --one-time a=vault:x=y");
    assert.deepEqual({ ...(references as object) }, { a: "vault:x=y" });
    const wrong = await fleetgate("bot create vm1 --realm p:r --one-time hush-hush");
    assert.equal(wrong.code, 2);
    assert.ok(!wrong.stderr.includes("hush"));
  });

  it("fetch prints the reference alone, and beside it how to return it", async () => {
    assert.deepEqual(await fleetgate("bot fetch registration"), {
      code: 0,
      stdout: "vault:x\n",
      stderr: "",
    });
    const shown = await fleetgate("bot fetch registration --boot-token-file -", { stdin: "tok" });
    assert.equal(shown.stdout, "vault:x\n");
    assert.match(shown.stderr, /fleetgate bot return-fetch f1/);
  });
});

describe("fleetgate task", () => {
  it("renew ends with 1 when a hold is lost, and says which", async () => {
    const { code, stdout } = await fleetgate("task renew t1/h1 t2/h2");
    assert.equal(stdout, "t1/h1 until 2030-01-02T03:04:05Z, canceling\nt2/h2 is lost\n");
    assert.equal(code, 1);
    assert.equal((await fleetgate("task renew t1/h1")).code, 0);
    assert.equal((await fleetgate("task renew t1")).code, 2);
  });

  it("state and end take the states that they can send, and no other", async () => {
    seen.length = 0;
    assert.equal((await fleetgate("task state t1 --to canceling")).stdout, "task t1: canceling\n");
    await fleetgate("task end t1 --as timed_out");
    assert.deepEqual(seen, [
      ["t1", TaskState.CANCELING],
      ["t1", TaskState.TIMED_OUT],
    ]);
    for (const wrong of [
      "task state t1 --to succeeded",
      "task end t1 --as running",
      "task end t1",
    ]) {
      assert.equal((await fleetgate(wrong)).code, 2, wrong);
    }
  });
});
