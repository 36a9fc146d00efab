import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../src/credentials/verdict.ts";
import { ask, bearer } from "./support/bench.ts";
import { createState, keys } from "./support/world.ts";
import {
  batchIdentifyCallers,
  callerWorld,
  type Shown,
  useCallerService,
} from "./support/caller-service.ts";

describe("BatchIdentifyCallers", () => {
  const { fake, bench, identify, task, malformed } = useCallerService();

  const { record } = task;
  const shown: readonly (readonly [Shown, Verdict | undefined])[] = [
    [{ token: "good" }, { kind: "good", record, use: "all" }],
    [{ token: "reports" }, { kind: "good", record, use: "report" }],
    [{ token: "unknown" }, undefined],
    [{ token: "" }, undefined],
    [{ token: "ended" }, { kind: "not_active", why: "state", record }],
    [{ token: "other" }, { kind: "mismatch", record }],
    [{ token: "lacks" }, { kind: "lacks", record, permission: "a.b.c" }],
    [{ token: "down" }, { kind: "unavailable", cause: new Error("down") }],
    [{ token: "many" }, { kind: "too_many" }],
    ...malformed.map(([, request]) => [request, undefined] as const),
  ];
  const batch = async (requests: readonly Shown[], peer = keys.scheduler.token, wire = 0) => {
    const { transport } = bench().wires[wire] ?? assert.fail();
    const all = requests.map((request) => ({ audience: "cache", ...request }));
    return ask(transport, batchIdentifyCallers, { requests: all }, bearer(peer));
  };

  it("answers each as the single call would, whoever asks, on every wire", async () => {
    for (const [{ token = "" }, verdict] of shown) {
      if (verdict !== undefined) fake.verdicts.set(token, verdict);
    }
    for (const peer of [keys.scheduler.token, keys.narrow.token]) {
      for (const mode of ["now", "later"] as const) {
        fake.mode = mode;
        const singles = [];
        for (const [request] of shown) singles.push(await identify(request, peer));
        for (const [wire, { name }] of bench().wires.entries()) {
          const reply = await batch(
            shown.map(([request]) => request),
            peer,
            wire,
          );
          const { outcomes } = reply.response as {
            outcomes: {
              status?: { code?: number; message?: string; details?: { reason?: string }[] };
              response?: unknown;
            }[];
          };
          const told = outcomes.map(({ status = {}, response }) => [
            ...[status.message ?? "", status.details?.[0]?.reason ?? ""],
            response,
          ]);
          assert.deepEqual(
            told,
            singles.map(({ message, reason, response }) => [message, reason, response]),
            name,
          );
        }
      }
    }
  });

  it("takes 1 to 100 requests", async () => {
    const one = { token: "x" };
    for (const count of [0, 101]) {
      const reply = await batch(Array.from({ length: count }, () => one));
      assert.deepEqual([reply.reason, reply.metadata["field"]], ["INVALID_FIELD", "requests"]);
    }
    assert.equal(fake.asked.length, 0);
    const reply = await batch(Array.from({ length: 100 }, () => one));
    assert.equal((reply.response as { outcomes: unknown[] }).outcomes.length, 100);
  });

  it("judges all on one snapshot, also when the configuration changes between", async () => {
    const seen = new Set<unknown>();
    fake.mode = "later";
    fake.onAsk = (snapshot) => {
      seen.add(snapshot);
      if (seen.size === 1) bench().replica.state = createState(callerWorld, 8n);
    };
    const token = fake.admit(task);
    const reply = await batch([{ token }, { token }, { token }]);
    const { outcomes } = reply.response as {
      outcomes: { response: { revisionToken: string } }[];
    };
    const tokens = outcomes.map(({ response }) => response.revisionToken);
    assert.deepEqual(new Set(tokens), new Set([createState(callerWorld, 8n).revisionToken]));
    assert.equal(seen.size, 2);
  });
});
