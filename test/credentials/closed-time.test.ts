import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createClosedTime } from "../../src/credentials/closed-time.ts";

const usual = 60_000;
const backAfter = 72_000;

describe("the time in which a lost answer may be asked for again (U48, U73)", () => {
  it("is a minute where nothing was closed, or long ago", () => {
    const time = createClosedTime(backAfter);
    assert.equal(time.lostAnswerMs(5_000_000), usual);
    time.closed(5_000_000, 4_999_000, 5_060_000);
    time.open(5_010_000);
    assert.equal(time.lostAnswerMs(5_010_000 + backAfter + usual), usual);
  });

  it("stands still while they are closed, and until all who were sent away can be back", () => {
    for (const heldMs of [1, 30_000, 600_000, 7_200_000]) {
      const time = createClosedTime(backAfter);
      const from = 1_000_000;
      // A lease, renewed, and released before it ends.
      for (let at = from; at < from + heldMs; at += 20_000) time.closed(at, from, at + 60_000);
      const until = from + heldMs;
      time.open(until);
      for (const sinceBack of [-backAfter, -1, 0, 20_000, usual - 1]) {
        const now = until + backAfter + sinceBack;
        const openMs = Math.max(0, sinceBack);
        // What was called so long before they were closed that both make up the minute is too old.
        const oldest = from - (usual - openMs);
        assert.equal(now - time.lostAnswerMs(now), oldest, `${heldMs} ${sinceBack}`);
      }
    }
  });

  it("has them open when the last lease that is known of has ended", () => {
    const time = createClosedTime(backAfter);
    time.closed(1_000_000, 1_000_000, 1_060_000);
    const now = 1_060_000 + backAfter + 10_000;
    assert.equal(now - time.lostAnswerMs(now), 1_000_000 - 50_000);
  });

  it("counts what lies too close together for anybody's minute as one", () => {
    const twice = (pause: number): number => {
      const time = createClosedTime(backAfter);
      time.closed(1_000_000, 1_000_000, 1_060_000);
      time.open(1_010_000);
      const again = 1_010_000 + pause;
      time.closed(again, again, again + 60_000);
      return again - time.lostAnswerMs(again);
    };
    assert.equal(twice(backAfter + usual - 1), 1_000_000 - usual);
    assert.equal(twice(backAfter + usual), 1_010_000 + backAfter);
  });
});
