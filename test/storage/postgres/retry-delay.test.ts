import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  maxRetryMs,
  retryDelayMs,
  unsupportedRetryMs,
} from "../../../src/storage/postgres/retry-delay.ts";

const lost = new Error("Connection terminated unexpectedly");

/** The least and the largest of many waits after so many failures. */
function range(failures: number): readonly [number, number] {
  const waits = Array.from({ length: 1_000 }, () => retryDelayMs(failures, lost));
  return [Math.min(...waits), Math.max(...waits)];
}

describe("retryDelayMs", () => {
  it("tries again at once after the first failure", () => {
    assert.deepEqual(range(1), [0, 0]);
  });

  it("waits longer with each failure, 2 seconds at most, however many there are", () => {
    let before = 0;
    for (const failures of [2, 3, 4, 5, 6, 30, 2_000]) {
      const [least, most] = range(failures);
      assert.ok(least >= before / 2 && most <= maxRetryMs, `${failures}: ${least} to ${most}`);
      assert.ok(most > before || failures > 6, `${failures}: ${most}`);
      before = most;
    }
    assert.equal(maxRetryMs, 2_000);
  });

  it("differs, so that replicas do not come back all at once", () => {
    const [least, most] = range(10);
    assert.ok(most - least > maxRetryMs / 4, `${least} to ${most}`);
  });

  it("hardly ever asks a database again that knows no LISTEN", () => {
    for (const code of ["0A000", "42601"]) {
      const refused = Object.assign(new Error("listen is not supported"), { code });
      assert.equal(retryDelayMs(1, refused), unsupportedRetryMs);
    }
    const shutdown = Object.assign(new Error("shutting down"), { code: "57P01" });
    assert.equal(retryDelayMs(1, shutdown), 0);
  });
});
