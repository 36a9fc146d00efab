import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { startStallProbe, threadMillis } from "../../../bench/live/stall-probe.ts";

/** Uses this thread for so many milliseconds of its own time. */
function work(ms: number): void {
  const end = threadMillis() + ms;
  while (threadMillis() < end);
}

describe("startStallProbe", () => {
  test("finds the longest time for which the loop stood, by the clock and by what it used", async () => {
    const probe = startStallProbe();
    await setTimeout(5);
    work(10);
    await setTimeout(5);
    work(40);
    await setTimeout(5);
    const { wallMs, cpuMs } = probe.stop();
    assert.ok(cpuMs >= 40, `${cpuMs}`);
    assert.ok(wallMs >= 38, `${wallMs}`);
  });

  test("counts work that is not over when it is stopped", () => {
    const probe = startStallProbe();
    work(20);
    assert.ok(probe.stop().cpuMs >= 20);
  });
});
