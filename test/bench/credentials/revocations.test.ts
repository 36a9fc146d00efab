import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TaskToken } from "../../../bench/credentials/messages.ts";
import { measureRevocations } from "../../../bench/credentials/revocations.ts";

const plan = { notify: true, perSecond: 500, seconds: 1, pollMs: 1 };
const tokens = ["a", "b", "c"].map((name): TaskToken => ({
  token: name,
  credentialId: name,
  taskId: name,
  uid: name,
}));

describe("measureRevocations", () => {
  test("asks each replica about each token until it refuses, and waits for those who watch", async () => {
    const ended = new Set<TaskToken>();
    const late = new Map<TaskToken, number>();
    const figures = await measureRevocations(
      {
        end: async (token) => {
          ended.add(token);
        },
        isRefused: [
          async (token) => ended.has(token),
          // This one refuses when it is asked for the third time after the end.
          async (token) => {
            if (!ended.has(token)) return false;
            late.set(token, (late.get(token) ?? 0) + 1);
            return late.get(token) === 3;
          },
        ],
        told: [async () => performance.now()],
      },
      plan,
      tokens,
    );
    assert.deepEqual(ended, new Set(tokens));
    assert.deepEqual([...late.values()], [3, 3, 3]);
    for (const { dueAt, sentAt, seen } of figures) {
      assert.ok(sentAt >= dueAt);
      assert.equal(seen.length, 3);
      for (const { at, notBefore } of seen) assert.ok(notBefore >= sentAt && at >= notBefore);
    }
  });

  test("fails when a token is refused before its end: its record was not in use", async () => {
    const fleet = { end: async () => {}, isRefused: [async () => true], told: [] };
    await assert.rejects(measureRevocations(fleet, plan, tokens), /too early/);
  });
});
