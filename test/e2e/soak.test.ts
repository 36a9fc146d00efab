import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { start } from "./support/processes.ts";

// `npm run soak` is the long form.
describe("three replicas on one Postgres, while processes are killed and connections break", () => {
  it("give no answer older than its token, lose no acknowledged write, and fail no plain check", async (t) => {
    const args = ["scripts/soak.ts", "--kills", "20"];
    const { code, stdout, stderr } = await start(process.execPath, args).end(600_000);
    const lines = stdout.trimEnd().split("\n");
    t.diagnostic(`${lines[0]}: ${lines.at(-1)}`);
    assert.equal(code, 0, stdout + stderr);
    const result = JSON.parse(lines.at(-1) ?? "") as Record<string, unknown>;
    assert.deepEqual(result["faults"], []);
    assert.equal(result["kills"], 20);
    // A soak in which nothing happens proves nothing.
    for (const [count, least] of [
      ["writes", 30],
      ["checks", 300],
      ["plain", 300],
    ] as const) {
      assert.ok(Number(result[count]) >= least, `${count}: ${stdout}`);
    }
  });
});
