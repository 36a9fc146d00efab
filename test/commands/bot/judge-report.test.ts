import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeReport } from "../../../src/commands/bot/judge-report.ts";
import type { InstanceState, RunnerState } from "../../../src/domain/credential/bot-states.ts";
import type { SubjectRow } from "../../../src/storage/credential/subjects.ts";
import { hasReason } from "../../support/errors.ts";
import { acceptsBoot, acceptsSession, instancePairs, runnerPairs } from "./state-rules.ts";

function row(state: string, instance_state: string, agent_id: bigint | null = null): SubjectRow {
  return { state, instance_state, agent_id } as SubjectRow;
}
const nothing = { runnerState: undefined, instanceState: undefined, agentId: 0n };

describe("judgeReport, of the runner (G42, G45, 81 pairs)", () => {
  assert.equal(runnerPairs.length, 81);
  for (const { from, to, outcome } of runnerPairs) {
    it(`${from} → ${to}: ${outcome}`, () => {
      const judge = () =>
        judgeReport(row(from, "running"), { ...nothing, runnerState: to as RunnerState });
      if (outcome === "illegal") {
        assert.throws(judge, hasReason("ILLEGAL_TRANSITION", { kind: "runner", from, to }));
        return;
      }
      const { changes, shrinks } = judge();
      assert.deepEqual(changes, outcome === "moves" ? { state: to } : {});
      if (outcome === "nothing") assert.equal(shrinks, false);
    });
  }
});

describe("judgeReport, of the machine (G45, 100 pairs)", () => {
  assert.equal(instancePairs.length, 100);
  for (const { from, to, outcome } of instancePairs) {
    it(`${from} → ${to}: ${outcome}`, () => {
      const judge = () =>
        judgeReport(row("idle", from), { ...nothing, instanceState: to as InstanceState });
      if (outcome === "illegal") {
        assert.throws(judge, hasReason("ILLEGAL_TRANSITION", { kind: "instance", from, to }));
        return;
      }
      const { changes } = judge();
      assert.deepEqual(changes, outcome === "moves" ? { instance_state: to } : {});
    });
  }
});

it("tells replicas that a bot may do less exactly when a token is refused that was accepted", () => {
  const accepts = (runner: string, instance: string): readonly boolean[] => [
    acceptsBoot(runner, instance),
    acceptsSession(runner, instance),
    // To open a session: as to have one, but not while a job runs.
    acceptsSession(runner, instance) && runner !== "active",
  ];
  let shrinking = 0;
  for (const runner of runnerPairs.filter(({ outcome }) => outcome === "moves")) {
    for (const instance of instancePairs.filter(({ outcome }) => outcome === "moves")) {
      const told = { runnerState: runner.to, instanceState: instance.to, agentId: 0n };
      const { shrinks } = judgeReport(
        row(runner.from, instance.from),
        told as Parameters<typeof judgeReport>[1],
      );
      const before = accepts(runner.from, instance.from);
      const after = accepts(runner.to, instance.to);
      const less = before.some((was, index) => was && after[index] === false);
      assert.equal(shrinks, less, JSON.stringify([runner, instance]));
      shrinking += less ? 1 : 0;
    }
  }
  assert.ok(shrinking > 10);
});

describe("judgeReport, of the agent id (G43)", () => {
  const told = (agentId: bigint) => ({ ...nothing, agentId });
  const wrong = hasReason("INVALID_FIELD", { field: "agent_id" });

  it("keeps the first one, and refuses another", () => {
    assert.deepEqual(judgeReport(row("idle", "running"), told(7n)).changes, { agent_id: 7n });
    assert.deepEqual(judgeReport(row("idle", "running", 7n), told(7n)).changes, {});
    assert.deepEqual(judgeReport(row("idle", "running", 7n), told(0n)).changes, {});
    assert.throws(() => judgeReport(row("idle", "running", 7n), told(8n)), wrong);
    assert.throws(() => judgeReport(row("failed", "running", 7n), told(8n)), wrong);
  });

  it("takes none from a runner that has ended (G42)", () => {
    assert.deepEqual(judgeReport(row("terminated", "running"), told(7n)).changes, {});
  });
});

it("lets the machine go on when the runner has ended", () => {
  const told = { runnerState: "idle", instanceState: "pending_delete", agentId: 0n } as const;
  assert.deepEqual(judgeReport(row("terminated", "running"), told).changes, {
    instance_state: "pending_delete",
  });
});

it("changes nothing when nothing is told (G44)", () => {
  assert.deepEqual(judgeReport(row("unknown", "unknown"), nothing), {
    changes: {},
    shrinks: false,
  });
});
