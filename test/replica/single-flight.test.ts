import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSingleFlight } from "../../src/replica/single-flight.ts";

/** Work that ends when the test says so. */
function manualWork(): { work: () => Promise<void>; ends: (() => void)[]; fails: (() => void)[] } {
  const ends: (() => void)[] = [];
  const fails: (() => void)[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      ends.push(resolve);
      fails.push(() => reject(new Error("failed")));
    });
  return { work, ends, fails };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("createSingleFlight", () => {
  it("lets all who ask while one runs share the one after it", async () => {
    const { work, ends } = manualWork();
    const flight = createSingleFlight(work);
    const first = flight.run();
    const [second, third] = [flight.run(), flight.run()];
    assert.equal(ends.length, 1);
    ends[0]?.();
    await first;
    await turn();
    assert.equal(ends.length, 2);
    ends[1]?.();
    await Promise.all([second, third]);
    assert.equal(ends.length, 2);
  });

  it("never runs two at a time: who asks between two runs gets the one that begins", async () => {
    const { work, ends } = manualWork();
    const flight = createSingleFlight(work);
    let third: Promise<void> | undefined;
    const first = flight.run().then(() => {
      third = flight.run();
    });
    const second = flight.run();
    ends[0]?.();
    await first;
    await turn();
    assert.equal(ends.length, 2);
    ends[1]?.();
    await Promise.all([second, third]);
    assert.equal(ends.length, 2);
  });

  it("runs the next one although the running one fails", async () => {
    const { work, ends, fails } = manualWork();
    const flight = createSingleFlight(work);
    const first = flight.run();
    const second = flight.run();
    fails[0]?.();
    await assert.rejects(first);
    await turn();
    ends[1]?.();
    await second;
  });

  it("is settled when nothing runs any more, failures included", async () => {
    const { work, ends, fails } = manualWork();
    const flight = createSingleFlight(work);
    await flight.settled();
    flight.run().catch(() => undefined);
    const second = flight.run();
    const settled = flight.settled();
    fails[0]?.();
    await turn();
    ends[1]?.();
    await Promise.all([second, settled]);
  });
});
