import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { measureVisibility } from "../../../bench/live/visibility.ts";

const plan = { notify: true, perSecond: 200, seconds: 0.05, pollMs: 1 };

/** Replicas that show a member once they were asked so often about it. */
function createFakes(answers: readonly number[]): {
  readonly added: readonly string[];
  readonly isMember: readonly ((member: string) => Promise<boolean>)[];
  readonly add: (member: string) => Promise<void>;
  readonly questions: readonly string[][];
} {
  const added: string[] = [];
  const questions = answers.map(() => [] as string[]);
  return {
    added,
    questions,
    add: async (member) => {
      added.push(member);
      await setTimeout(1);
    },
    isMember: answers.map((count, index) => async (member) => {
      questions[index]?.push(member);
      await setTimeout(1);
      return questions[index]?.filter((asked) => asked === member).length === count;
    }),
  };
}

describe("measureVisibility", () => {
  test("asks each replica about each member until it is there, the oldest first", async () => {
    const fakes = createFakes([1, 3]);
    const writes = await measureVisibility(fakes, plan);
    assert.equal(writes.length, 10);
    assert.equal(fakes.added.length, 10);
    const distinct = fakes.questions.map((asked) => [...new Set(asked)]);
    assert.deepEqual(distinct, [fakes.added, fakes.added]);
    assert.deepEqual(
      fakes.questions.map((asked) => asked.length),
      [10, 30],
    );
    for (const { dueAt, sentAt, acknowledgedAt, seen } of writes) {
      assert.ok(dueAt <= sentAt && sentAt < acknowledgedAt);
      for (const { at, notBefore } of seen) assert.ok(sentAt <= notBefore && notBefore < at);
    }
  });

  test("says when the last question was sent that was denied, also about an older member", async () => {
    const sent: number[] = [];
    const isMember = async (): Promise<boolean> => {
      sent.push(performance.now());
      await setTimeout(5);
      return sent.length > 3;
    };
    const [first] = await measureVisibility(
      { add: async () => {}, isMember: [isMember] },
      { ...plan, perSecond: 20 },
    );
    const { notBefore = NaN, at = NaN } = first?.seen[0] ?? {};
    const [, second = NaN, third = NaN, fourth = NaN] = sent;
    assert.ok(second < notBefore && notBefore <= third && fourth < at);
  });

  test("does not wait for an acknowledgement before the next member is due", async () => {
    let open = 0;
    let most = 0;
    const add = async (): Promise<void> => {
      open += 1;
      most = Math.max(most, open);
      await setTimeout(100);
      open -= 1;
    };
    await measureVisibility({ add, isMember: [async () => true] }, plan);
    assert.equal(most, 10);
  });

  test("fails when a write fails, and when a question does", async () => {
    const fail = async (): Promise<never> => {
      throw new Error("no answer");
    };
    const fine = async (): Promise<void> => {};
    const yes = async (): Promise<boolean> => true;
    await assert.rejects(measureVisibility({ add: fail, isMember: [yes] }, plan), /no answer/);
    await assert.rejects(
      measureVisibility({ add: fine, isMember: [yes, fail] }, plan),
      /no answer/,
    );
  });
});
