import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { managerStatus } from "../../src/domain/credential/manager-status.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const never = undefined;

describe("the status of a manager (L36, L12)", () => {
  // How long ago it enrolled, how long ago it was heard of, whether it was ever ready.
  const table = [
    [0, never, false, "never_contacted"],
    [7 * day - 1, never, false, "never_contacted"],
    [7 * day, never, false, "stale"],
    [8 * day, 7 * day - 1, false, "never_contacted"],
    [8 * day, 7 * day, false, "stale"],
    [8 * day, 0, false, "never_contacted"],
    [8 * day, 0, true, "online"],
    [8 * day, 2 * hour - 1, true, "online"],
    [8 * day, 2 * hour, true, "offline"],
    [8 * day, 7 * day - 1, true, "offline"],
    [8 * day, 7 * day, true, "stale"],
    [1 * day, 9 * day, true, "offline"],
    [7 * day, 9 * day, true, "stale"],
    [0, 9 * day, true, "offline"],
    // A clock that went back makes nobody stale.
    [0, -minute, true, "online"],
  ] as const;
  for (const [enrolled, contacted, isReady, expected] of table) {
    const heard = contacted === never ? "never heard of" : `heard of ${contacted / hour} h ago`;
    it(`${expected}: enrolled ${enrolled / hour} h ago, ${heard}, ${isReady ? "" : "not "}ready`, () => {
      const now = 100 * day;
      const contactedAt = contacted === never ? undefined : now - contacted;
      assert.equal(
        managerStatus({ enrolledAt: now - enrolled, contactedAt, isReady }, now),
        expected,
      );
    });
  }
});
