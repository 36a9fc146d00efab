import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLimitedLog } from "../../src/server/limited-log.ts";
import { memoryLog } from "./support/memory-log.ts";

describe("createLimitedLog", () => {
  it("gives each key its own bound", () => {
    const { log, lines } = memoryLog();
    const limited = createLimitedLog(log, { linesPerSecond: 2 });
    for (const key of ["a", "a", "a", "b"]) limited.write("warn", key, { key }, "line");
    assert.deepEqual(
      lines().map(({ key }) => key),
      ["a", "a", "b"],
    );
    limited.close();
  });

  it("says on closing how many lines were left out", () => {
    const { log, lines } = memoryLog();
    const limited = createLimitedLog(log, { linesPerSecond: 1 });
    for (let count = 0; count < 5; count += 1) limited.write("info", "a", {}, "line");
    limited.close();
    const last = lines().at(-1);
    assert.deepEqual([last?.["suppressed"], last?.["of"]], [4, "a"]);
  });

  it("holds a bounded number of keys: the others share one", () => {
    const { log, lines } = memoryLog();
    const limited = createLimitedLog(log, { linesPerSecond: 1, maxKeys: 3 });
    for (let count = 0; count < 10_000; count += 1) limited.write("info", `k${count}`, {}, "line");
    assert.equal(lines().length, 4);
    limited.close();
    const last = lines().at(-1);
    assert.deepEqual([last?.["suppressed"], last?.["of"]], [9996, "other"]);
  });

  it("starts afresh every second", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const { log, lines } = memoryLog();
    const limited = createLimitedLog(log, { linesPerSecond: 1 });
    for (let second = 0; second < 3; second += 1) {
      limited.write("info", "a", {}, "line");
      t.mock.timers.tick(1000);
    }
    assert.equal(lines().length, 3);
    limited.close();
  });
});
