import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createWarn,
  maxWarningLength,
  maxWarningsPerKind,
  type EngineWarning,
} from "../../src/engine/warnings.ts";

describe("createWarn", () => {
  it("reports each name of a kind once", () => {
    const seen: EngineWarning[] = [];
    const warn = createWarn((warning) => seen.push(warning));
    for (let round = 0; round < 3; round += 1) {
      warn("unknown_pool", "a");
      warn("unknown_group", "a");
    }
    assert.deepEqual(seen, [
      { kind: "unknown_pool", name: "a" },
      { kind: "unknown_group", name: "a" },
    ]);
  });

  it("stops after so many names of a kind, and says so", () => {
    const seen: EngineWarning[] = [];
    const warn = createWarn((warning) => seen.push(warning));
    for (let index = 0; index < maxWarningsPerKind + 10; index += 1)
      warn("unknown_pool", `${index}`);
    assert.equal(seen.length, maxWarningsPerKind + 1);
    assert.deepEqual(seen.at(-1), { kind: "more", name: "unknown_pool" });
  });

  it("neither reports nor remembers a name that is longer than any configured one", () => {
    const seen: EngineWarning[] = [];
    const warn = createWarn((warning) => seen.push(warning));
    warn("unknown_pool", "a".repeat(maxWarningLength + 1));
    assert.deepEqual(seen, []);
  });
});
