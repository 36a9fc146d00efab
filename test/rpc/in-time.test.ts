import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inTime } from "../../src/rpc/in-time.ts";

const hour = 3_600_000;
const late = (limit: string): Error => new Error(limit);

async function collect<T>(messages: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

describe("inTime", () => {
  it("gives every message of a stream that is quick enough, and its error", async () => {
    async function* three(): AsyncGenerator<number> {
      yield* [1, 2, 3];
      await Promise.resolve();
    }
    const patience = { idleMs: hour, allMs: hour };
    assert.deepEqual(await collect(inTime(three(), patience, late)), [1, 2, 3]);
    async function* torn(): AsyncGenerator<number> {
      yield 1;
      await Promise.reject(new Error("torn"));
    }
    await assert.rejects(collect(inTime(torn(), patience, late)), { message: "torn" });
  });

  it("ends when a message does not come, however quickly those before came", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const source = Promise.withResolvers<undefined>();
    async function* stalling(): AsyncGenerator<number> {
      yield 1;
      await source.promise;
    }
    const messages = inTime(stalling(), { idleMs: 1000, allMs: hour }, late);
    assert.equal((await messages.next()).value, 1);
    const next = messages.next();
    await new Promise((resolve) => setImmediate(resolve));
    context.mock.timers.tick(999);
    assert.equal(await Promise.race([next, new Promise((_) => setImmediate(_, "waits"))]), "waits");
    context.mock.timers.tick(1);
    await assert.rejects(next, { message: "idleMs" });
  });

  it("does not count as idle the time in which nobody asks for a message", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    async function* two(): AsyncGenerator<number> {
      yield 1;
      yield await Promise.resolve(2);
    }
    const messages = inTime(two(), { idleMs: 1000, allMs: hour }, late);
    assert.equal((await messages.next()).value, 1);
    context.mock.timers.tick(5000);
    assert.equal((await messages.next()).value, 2);
  });

  it("ends a stream that never does, also when every message is at hand", async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (;;) yield await Promise.resolve(1);
      } finally {
        closed = true;
      }
    }
    await assert.rejects(collect(inTime(endless(), { idleMs: hour, allMs: 5 }, late)), {
      message: "allMs",
    });
    assert.ok(closed);
  });
});
