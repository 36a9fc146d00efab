import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampDate, type Duration } from "@bufbuild/protobuf/wkt";
import type { Bot } from "../../../src/commands/bot/bot.ts";
import { BotSchema } from "../../../src/gen/fleetgate/credential/v1/bot_service_pb.ts";
import {
  InstanceStateSchema,
  RunnerStateSchema,
  type InstanceState,
  type RunnerState,
} from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { toBotMessage } from "../../../src/rpc/credential/bot-message.ts";
import {
  toldInstanceState,
  toldRunnerState,
} from "../../../src/rpc/credential/bot-states-message.ts";
import { durationMs } from "../../../src/rpc/credential/duration-ms.ts";
import { hasReason } from "../../support/errors.ts";

const bot: Bot = {
  id: "b",
  uid: "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e",
  realm: "proj:bots",
  pool: "linux",
  generation: 2,
  epoch: 3n,
  runnerState: "idle",
  instanceState: "running",
  agentId: 4n,
  oneTimeSecrets: [
    { name: "jit", fetchedAt: new Date(5) },
    { name: "reg", fetchedAt: undefined },
  ],
  version: 6n,
  createdAt: new Date(7),
  createdBy: "service:provisioner",
};

describe("toBotMessage", () => {
  it("says all that there is to say", () => {
    const message = create(BotSchema, toBotMessage(bot));
    const { oneTimeSecrets, createdAt, $typeName, ...rest } = message;
    assert.equal($typeName, BotSchema.typeName);
    assert.deepEqual(rest, {
      ...{ botId: "b", uid: bot.uid, realm: "proj:bots", pool: "linux", generation: 2, epoch: 3n },
      ...{ runnerState: 3, instanceState: 3, agentId: 4n, version: 6n },
      createdBy: "service:provisioner",
    });
    assert.equal(createdAt && timestampDate(createdAt).getTime(), 7);
    const secrets = oneTimeSecrets.map(({ name, fetchedAt }) => [
      name,
      fetchedAt && timestampDate(fetchedAt).getTime(),
    ]);
    assert.deepEqual(secrets, [
      ["jit", 5],
      ["reg", undefined],
    ]);
  });
});

describe("states that a request tells", () => {
  it("are those of the contract by their names, and come back as the same", () => {
    for (const { number, name } of RunnerStateSchema.values) {
      const state = toldRunnerState(number as RunnerState);
      const expected = name.replace("RUNNER_STATE_", "").toLowerCase();
      assert.equal(state, expected === "unspecified" ? undefined : expected);
      if (state === undefined) continue;
      assert.equal(toBotMessage({ ...bot, runnerState: state }).runnerState, number);
    }
    for (const { number, name } of InstanceStateSchema.values) {
      const state = toldInstanceState(number as InstanceState);
      const expected = name.replace("INSTANCE_STATE_", "").toLowerCase();
      assert.equal(state, expected === "unspecified" ? undefined : expected);
      if (state === undefined) continue;
      assert.equal(toBotMessage({ ...bot, instanceState: state }).instanceState, number);
    }
  });

  it("are refused when the contract does not have them", () => {
    for (const number of [-1, 10, 11, 99, 2 ** 31 - 1]) {
      assert.throws(
        () => toldRunnerState(number as RunnerState),
        hasReason("INVALID_FIELD", { field: "runner_state" }),
      );
    }
    for (const number of [-1, 11, 99]) {
      assert.throws(
        () => toldInstanceState(number as InstanceState),
        hasReason("INVALID_FIELD", { field: "instance_state" }),
      );
    }
  });
});

it("durationMs is a duration in milliseconds, however large (GH3)", () => {
  const duration = (seconds: bigint, nanos = 0) => ({ seconds, nanos }) as Duration;
  assert.equal(durationMs(undefined), undefined);
  assert.equal(durationMs(duration(0n)), 0);
  assert.equal(durationMs(duration(90n, 500_000_000)), 90_500);
  assert.equal(durationMs(duration(-1n)), -1000);
  assert.ok((durationMs(duration(2n ** 63n - 1n)) ?? 0) > 9e21);
});

it("durationMs is no number, which no limit permits, where the parts of a duration do not go together", () => {
  for (const [seconds, nanos] of [
    [10n, -1],
    [-10n, 1],
    [10n, 1_000_000_000],
    [-10n, -1_000_000_000],
  ] as const) {
    assert.equal(durationMs({ seconds, nanos } as Duration), NaN, `${seconds} ${nanos}`);
  }
  for (const [seconds, nanos] of [
    [0n, -1_000_000],
    [-1n, -1_000_000],
    [-1n, 0],
  ] as const) {
    assert.equal(durationMs({ seconds, nanos } as Duration), Number(seconds) * 1000 + nanos / 1e6);
  }
});
