import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  ManagerStatus,
  type HeartbeatRequest,
} from "../../../src/gen/fleetgate/credential/v1/runner_service_pb.ts";
import type { StopSignal } from "../../../src/cli/io.ts";
import { closedGate, fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult, type CliWorld } from "../support/run-cli.ts";

const at = timestampFromDate(new Date("2030-01-02T03:04:05Z"));
const runner = {
  ...{ runnerId: "linux-1", uid: "u1", realm: "p:r", pool: "p.tests", maxManagers: 100 },
  ...{ managers: 2, createdAt: at, createdBy: "user:ann@example.com", version: 3n },
};
const asked: unknown[] = [];
const beats: HeartbeatRequest[] = [];
let beatErrors: Error[] = [];

const fake = await startFake({
  runner: {
    createRunner: ({ runnerId, realm, pool, maxManagers }) => {
      asked.push([runnerId, realm, pool, maxManagers]);
      return { runner };
    },
    getRunner: ({ runnerId }) => {
      asked.push(runnerId);
      return { runner };
    },
    listRunners: ({ realm, pageToken }) => {
      asked.push([realm, pageToken]);
      const isLast = pageToken !== "";
      return isLast
        ? { runners: [{ ...runner, runnerId: "evil\u001b", pool: "", paused: true }] }
        : { runners: [runner], nextPageToken: "2" };
    },
    setRunnerPaused: ({ runnerId, paused }) => {
      asked.push([runnerId, paused]);
      return { runner: { ...runner, paused } };
    },
    deleteRunner: ({ runnerId }) => {
      asked.push(runnerId);
      return {};
    },
    listManagers: ({ runnerId }) => ({
      managers: [
        {
          ...{ systemId: `${runnerId}-s1`, status: ManagerStatus.ONLINE, contactedAt: at },
          ...{ enrolledAt: at, source: "192.0.2.7", credentialId: "c".repeat(16), expiresAt: at },
          info: { name: "rack1\u0007", labels: ["ssd", "gpu"] },
        },
        { systemId: "s2", status: ManagerStatus.NEVER_CONTACTED, enrolledAt: at, expiresAt: at },
      ],
    }),
    deleteManager: ({ runnerId, systemId }) => {
      asked.push([runnerId, systemId]);
      return {};
    },
    heartbeat: (request) => {
      beats.push(request);
      const error = beatErrors.shift();
      if (error !== undefined) throw error;
      return { nextIn: { nanos: 1_000_000 }, paused: beats.length === 2, expiresAt: at };
    },
  },
});
const fleetgate = (line: string, world: CliWorld = {}): Promise<CliResult> =>
  runCli([...line.split(" "), "--endpoint", fake.endpoint], world);

describe("fleetgate runner", () => {
  it("create says what the options say", async () => {
    asked.length = 0;
    const { code, stdout } = await fleetgate(
      "runner create linux-1 --realm p:r --pool p.tests --max-managers 7",
    );
    await fleetgate("runner create linux-1 --realm p:r");
    assert.deepEqual(asked, [
      ["linux-1", "p:r", "p.tests", 7],
      ["linux-1", "p:r", "", 0],
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /^runner linux-1\nuid: u1\nrealm: p:r\npool: p.tests\nstate: works\n/);
    assert.match(stdout, /^managers: 2 of 100$/m);
  });

  it("takes no count of 0, which the server would take for its default", async () => {
    asked.length = 0;
    for (const [line, max] of [
      ["runner create linux-1 --realm p:r --max-managers", 10_000],
      ["runner enroll-token linux-1 --max-uses", 10_000],
    ] as const) {
      for (const count of [0, max + 1, "1e2", "-1", ""]) {
        const { code, stderr } = await fleetgate(`${line} ${count}`);
        assert.equal(code, 2);
        assert.match(stderr, /must be a whole number from 1 to 10000/);
      }
    }
    assert.deepEqual(asked, []);
  });

  it("get asks about the peer's own unless it is told another", async () => {
    asked.length = 0;
    await fleetgate("runner get");
    await fleetgate("runner get linux-1");
    assert.deepEqual(asked, ["", "linux-1"]);
  });

  it("list has all pages, and is harmless for a terminal", async () => {
    asked.length = 0;
    const { stdout } = await fleetgate("runner list --realm p:r");
    assert.deepEqual(asked, [
      ["p:r", ""],
      ["p:r", "2"],
    ]);
    const [, first = "", second = ""] = stdout.split("\n");
    assert.match(first, /^linux-1 +works +2 of 100 +p\.tests +2030/);
    assert.match(second, /^evil\\u001b +paused +2 of 100 +- /);
    const json = await fleetgate("runner list --realm p:r --json");
    assert.equal((JSON.parse(json.stdout) as { runners: unknown[] }).runners.length, 2);
  });

  it("pause, resume, delete and delete-manager name whom they are about", async () => {
    asked.length = 0;
    assert.equal((await fleetgate("runner pause linux-1")).stdout, "runner linux-1: paused\n");
    assert.equal((await fleetgate("runner resume linux-1")).stdout, "runner linux-1: works\n");
    assert.equal((await fleetgate("runner delete linux-1")).stdout, "deleted runner linux-1\n");
    assert.equal((await fleetgate("runner delete-manager linux-1 s1")).code, 0);
    assert.equal((await fleetgate("runner delete-manager linux-1")).code, 2);
    assert.deepEqual(asked, [["linux-1", true], ["linux-1", false], "linux-1", ["linux-1", "s1"]]);
  });

  it("managers shows when each was heard of, and until when its token lives", async () => {
    const { stdout } = await fleetgate("runner managers linux-1");
    const [, first = "", second = ""] = stdout.split("\n");
    const then = "2030-01-02T03:04:05Z";
    assert.deepEqual(first.split(/ {2,}/), [
      ...["linux-1-s1", "online", then, "192.0.2.7", then, then, "c".repeat(16)],
      ...["rack1\\u0007", "ssd, gpu"],
    ]);
    assert.match(second, /^s2 +never_contacted +never +- /);
  });
});

describe("fleetgate runner heartbeat", () => {
  it("beats once, and says nothing of the machine unless it is told to", async () => {
    beats.length = 0;
    const { code, stdout } = await fleetgate("runner heartbeat");
    assert.deepEqual(
      [code, beats.length, beats[0]?.ready, beats[0]?.info],
      [0, 1, false, undefined],
    );
    assert.match(stdout, /^works; next in 0 s; the token expires 2030-01-02T03:04:05Z\n$/);
    await fleetgate("runner heartbeat --ready --name n --label a --label b");
    const { ready, info } = beats[1] ?? {};
    assert.deepEqual([ready, info?.name, info?.labels], [true, "n", ["a", "b"]]);
  });

  it("--every goes on as the server says until it is stopped, and ends well then", async () => {
    beats.length = 0;
    const stop = Promise.withResolvers<StopSignal>();
    const world: CliWorld = {
      stop: stop.promise,
      onStdout: () => {
        if (beats.length === 3) stop.resolve("SIGTERM");
      },
    };
    const { code, stdout } = await fleetgate("runner heartbeat --every", world);
    assert.equal(code, 0);
    assert.ok(beats.length >= 3);
    assert.match(stdout, /^works[^\n]+\npaused[^\n]+\nworks/);
    // The world has stopped: it beats once.
    const json = await fleetgate("runner heartbeat --every --json", { stop: stop.promise });
    const objects = json.stdout.trim().split("\n");
    for (const line of objects) assert.ok("nextIn" in (JSON.parse(line) as object));
  });

  it("--every waits when nobody knows whether it was heard, or it is to come again later, and can be stopped then", async () => {
    for (const error of [
      new ConnectError("gone", Code.Unavailable),
      fleetgateError(Code.ResourceExhausted, "GATE_CLOSED", "closed"),
      fleetgateError(Code.ResourceExhausted, "TOO_MANY_ATTEMPTS", "many wait to be looked up"),
    ]) {
      beats.length = 0;
      beatErrors = [error];
      const stop = Promise.withResolvers<StopSignal>();
      const ended = fleetgate("runner heartbeat --every", {
        stop: stop.promise,
        onStderr: (soFar) => {
          if (soFar.includes("not heard")) stop.resolve("SIGINT");
        },
      });
      const { code, stderr } = await ended;
      assert.deepEqual([code, beats.length], [0, 1]);
      assert.match(stderr, /^not heard: /);
    }
  });

  it(
    "--every comes again when a closed gate says, which is another time for each",
    { timeout: 50_000 },
    async () => {
      beats.length = 0;
      beatErrors = [closedGate(20)];
      const stop = Promise.withResolvers<StopSignal>();
      const ended = fleetgate("runner heartbeat --every", {
        stop: stop.promise,
        onStdout: () => stop.resolve("SIGTERM"),
      });
      assert.equal((await ended).code, 0);
      assert.ok(beats.length >= 2);
    },
  );

  it("--every ends with an answer that no time will mend", async () => {
    beats.length = 0;
    beatErrors = [fleetgateError(Code.Unauthenticated, "CREDENTIAL_REQUIRED", "a credential")];
    const { code, stderr } = await fleetgate("runner heartbeat --every");
    assert.deepEqual([code, beats.length], [4, 1]);
    assert.match(stderr, /reason: CREDENTIAL_REQUIRED/);
  });
});
