import assert from "node:assert/strict";
import { hostname } from "node:os";
import { beforeEach, describe, it } from "node:test";
import { durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type { StopSignal } from "../../../src/cli/io.ts";
import { GateArea } from "../../../src/gen/fleetgate/credential/v1/gate_service_pb.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult, type CliWorld } from "../support/run-cli.ts";

const at = Date.parse("2030-01-02T03:04:05Z");
const acquired = {
  ...{ area: GateArea.ISSUE, holder: "db1-7", reason: "new\u0007index", exclusive: true },
  ...{ acquiredBy: "user:ann@example.com", acquiredAt: timestampFromMs(at) },
  leaseUntil: timestampFromMs(at + 60_000),
};
const asked: string[] = [];
let refusal: Error | undefined;
let releaseErrors: Error[] = [];

const fake = await startFake({
  gate: {
    acquireGate: ({ area, holder, exclusive, reason, lease }) => {
      const ms = lease === undefined ? 0 : durationMs(lease);
      asked.push(`acquire ${area} ${holder} ${String(exclusive)} ${reason} ${ms}`);
      if (refusal !== undefined) throw refusal;
      return { gate: acquired, inForceAt: timestampFromMs(at + 30) };
    },
    renewGate: () => assert.fail("it is not yet time"),
    releaseGate: ({ area, holder }) => {
      asked.push(`release ${area} ${holder}`);
      const error = releaseErrors.shift();
      if (error !== undefined) throw error;
      return {};
    },
    listGates: () => ({ gates: [acquired] }),
  },
});
const fleetgate = (args: readonly string[], world: CliWorld = {}): Promise<CliResult> =>
  runCli(["gate", ...args, "--endpoint", fake.endpoint], world);
/** The options have to come before the command. */
const holding = (command: readonly string[], more: readonly string[] = [], world: CliWorld = {}) =>
  runCli(
    ["gate", "hold", "issue", "--holder", "h", "--endpoint", fake.endpoint, ...more, ...command],
    world,
  );
const node = (script: string): readonly string[] => ["--", process.execPath, "-e", script];

describe("fleetgate gate", () => {
  beforeEach(() => {
    asked.length = 0;
    refusal = undefined;
    releaseErrors = [];
  });

  it("lists and releases", async () => {
    const { stdout } = await fleetgate(["list"]);
    const [header, row] = stdout.split("\n");
    assert.match(header ?? "", /^AREA +HOLDER +SINCE +UNTIL +ALONE +BY +REASON$/);
    assert.match(row ?? "", /^issue +db1-7 .* yes +user:ann@example\.com +new\\u0007index$/);
    const released = await fleetgate(["release", "all", "--holder", "db1-7"]);
    assert.deepEqual([released.code, released.stdout], [0, "released all for db1-7\n"]);
    assert.deepEqual(asked, ["release 3 db1-7"]);
    assert.equal((await fleetgate(["release", "everything", "--holder", "x"])).code, 2);
  });

  it("runs a command behind the gate, and ends as it ends (L4)", async () => {
    for (const code of [0, 7]) {
      asked.length = 0;
      const done = await holding(node(`process.exit(${code})`), ["--reason", "why", "--exclusive"]);
      assert.equal(done.code, code);
      assert.equal(done.stdout, "");
      assert.deepEqual(asked, ["acquire 1 h true why 60000", "release 1 h"]);
    }
    assert.equal((await holding(node('process.kill(process.pid, "SIGKILL")'))).code, 137);
  });

  it("does not run it when the gate cannot be had, and ends with 4 (L4)", async () => {
    const metadata = { kind: "gate", name: "other", area: "all" };
    refusal = fleetgateError(Code.AlreadyExists, "ALREADY_EXISTS", "held by other", metadata);
    const refused = await holding(node("process.exit(7)"));
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /held by other/);
    assert.deepEqual(asked, ["acquire 1 h false  60000"]);
  });

  it("gives the gate up when the command cannot be run", async () => {
    const failed = await holding(["--", "/no/such/command"]);
    assert.equal(failed.code, 4);
    assert.match(failed.stderr, /\/no\/such\/command: it cannot be run: there is no such command/);
    assert.deepEqual(asked.at(-1), "release 1 h");
  });

  it("hands a signal on to the command, and opens the gate once that has ended", async () => {
    const stop = Promise.withResolvers<StopSignal>();
    const script = `process.on("SIGTERM", () => process.exit(5)); setInterval(() => {}, 1000); process.kill(${process.pid}, "SIGWINCH")`;
    // The child says that it listens.
    process.once("SIGWINCH", () => stop.resolve("SIGTERM"));
    const ended = await holding(node(script), [], { stop: stop.promise });
    assert.equal(ended.code, 5);
    assert.match(ended.stderr, /^SIGTERM: waiting for the command to end; another one ends this/m);
    assert.deepEqual(asked, ["acquire 1 h false  60000", "release 1 h"]);
  });

  it("holds until interrupted without a command, as this machine and process unless told otherwise", async () => {
    const stop = Promise.withResolvers<StopSignal>();
    const ended = await fleetgate(["hold", "fleet"], {
      stop: stop.promise,
      onStderr: (soFar) => {
        if (soFar.includes("is closed")) stop.resolve("SIGINT");
      },
    });
    assert.equal(ended.code, 0);
    assert.equal(ended.stdout, "");
    assert.ok(asked[0]?.startsWith(`acquire 2 ${hostname().slice(0, 5)}`), asked[0]);
    assert.ok(asked[0]?.includes(`-${process.pid} false`), asked[0]);
    assert.ok(asked[1]?.startsWith("release 2 "));
  });

  it("does not run the command when it is interrupted before", async () => {
    const ended = await holding(node("process.exit(7)"), [], { stop: Promise.resolve("SIGINT") });
    assert.equal(ended.code, 4);
    assert.deepEqual(asked, ["acquire 1 h false  60000", "release 1 h"]);
  });

  it("tries again to release, and ends as the command did all the same", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    releaseErrors = [1, 2, 3].map(() =>
      fleetgateError(Code.Unavailable, "STORAGE_UNAVAILABLE", "away"),
    );
    const ticking = setInterval(() => test.mock.timers.tick(500), 5);
    const done = await holding(node("process.exit(3)"));
    clearInterval(ticking);
    assert.equal(done.code, 3);
    assert.match(done.stderr, /could not be released; it opens by itself in a minute/);
    assert.equal(asked.filter((one) => one.startsWith("release")).length, 3);
  });
});
