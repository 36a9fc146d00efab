import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../src/credentials/verdict.ts";
import { atRevision } from "../../src/engine/snapshot.ts";
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

  it("names in the log why the first one could not be told that somebody else is to blame for", async () => {
    const token = fake.admit(task);
    const [first, second] = [new Error("down"), new Error("too")];
    fake.verdicts.set("many", { kind: "too_many" });
    fake.verdicts.set("down", { kind: "unavailable", cause: first });
    fake.verdicts.set("too", { kind: "unavailable", cause: second });
    for (const [tokens, cause] of [
      [["many", token, "down", "too"], first],
      [[token, "many", "wrong"], undefined],
    ] as const) {
      bench().records.length = 0;
      await batch(tokens.map((shown) => ({ token: shown })));
      assert.deepEqual(
        bench().records.map((record) => [record.code, record.cause]),
        [["ok", cause]],
      );
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

  /** What a batch comes to, and under which revisions. */
  const toldOf = async (tokens: readonly string[]) => {
    const reply = await batch(tokens.map((token) => ({ token })));
    const { outcomes } = reply.response as {
      outcomes: {
        status: { details?: { reason?: string }[] };
        response?: { revisionToken: string };
      }[];
    };
    return outcomes.map(({ status, response }) => {
      return response?.revisionToken ?? status.details?.[0]?.reason ?? "";
    });
  };

  it("says nothing under a revision that it was not judged on, however often the configuration changes", async () => {
    const token = fake.admit(task);
    for (const last of ["later", "now"] as const) {
      let revision = 8n;
      let judgedOn: unknown;
      fake.reset();
      fake.admit(task);
      fake.mode = "later";
      fake.onAsk = (snapshot) => {
        judgedOn = snapshot;
        if (revision === 11n) return;
        bench().replica.state = createState(callerWorld, revision);
        revision += 1n;
        if (revision === 11n) fake.mode = last;
      };
      const [told] = await toldOf([token]);
      const { state } = bench().replica;
      assert.equal(told, last === "now" ? state?.revisionToken : "STORAGE_UNAVAILABLE");
      assert.equal(judgedOn === state?.snapshot, last === "now");
    }
  });

  it("judges once at revisions that say the same of groups and policy, and once what has no right secret", async () => {
    const token = fake.admit(task);
    fake.mode = "later";
    fake.onAsk = () => {
      const state = bench().replica.state ?? assert.fail();
      const { revision } = state;
      const snapshot = atRevision(state.snapshot, revision + 1n);
      bench().replica.state = { ...state, snapshot, revisionToken: `${revision + 1n}` };
    };
    assert.deepEqual(await toldOf([token]), ["8"]);
    assert.equal(fake.asked.length, 1);
    fake.asked.length = 0;
    fake.onAsk = () => {
      bench().replica.state = createState(callerWorld, 9n);
    };
    await toldOf([token, "wrong"]);
    const asked = fake.asked.map((inquiry) => inquiry.token);
    assert.deepEqual(asked.filter((one) => one === "wrong").length, 1);
    assert.ok(asked.length > 2);
  });
});
