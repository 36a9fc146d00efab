import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { logEngineWarning } from "../../src/server/engine-warning-log.ts";
import { createLimitedLog } from "../../src/server/limited-log.ts";
import { memoryLog } from "./support/memory-log.ts";

function setUp() {
  const { log, lines, text } = memoryLog();
  return { limited: createLimitedLog(log), lines, text };
}

describe("logEngineWarning", () => {
  it("says in words what is wrong, and names it in a field", (t) => {
    const { limited, lines } = setUp();
    t.after(() => limited.close());
    logEngineWarning(limited, { kind: "unknown_pool", name: "ci" });
    const [{ time: _, ...line } = {}] = lines();
    assert.deepEqual(line, {
      level: "warn",
      kind: "unknown_pool",
      name: "ci",
      msg: "a question or a bot group names a pool that nobody defines",
    });
  });

  it("keeps names of any length and any characters to one readable line", (t) => {
    const { limited, lines, text } = setUp();
    t.after(() => limited.close());
    const name = `a\u009b31m\u202eb\u{e0041}${"x".repeat(10_000)}`;
    logEngineWarning(limited, { kind: "undefined_realm", name });
    assert.equal(lines().length, 1);
    assert.ok(text().length < 1000);
    assert.match(String(lines()[0]?.["name"]), /^a\\u\{9b\}31m\\u\{202e\}b\\u\{e0041\}xxx/);
  });

  it("says of which kind no more names are told", (t) => {
    const { limited, lines } = setUp();
    t.after(() => limited.close());
    logEngineWarning(limited, { kind: "more", name: "unknown_pool" });
    const [{ kind, name, msg } = {}] = lines();
    assert.deepEqual([kind, name], ["more", "unknown_pool"]);
    assert.match(String(msg), /no more names of this kind/);
  });

  it("bounds the lines of each kind by themselves", (t) => {
    const { limited, lines } = setUp();
    t.after(() => limited.close());
    for (let count = 0; count < 100; count += 1) {
      logEngineWarning(limited, { kind: "unknown_pool", name: `p${count}` });
    }
    assert.ok(lines().length < 100);
    logEngineWarning(limited, { kind: "unknown_group", name: "g" });
    assert.equal(lines().at(-1)?.["kind"], "unknown_group");
  });
});
