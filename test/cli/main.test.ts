import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Runs the real entry in a process of its own. */
function spawnMain(
  args: readonly string[],
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    const options = { env: { PATH, NODE_COMPILE_CACHE }, timeout: 60_000 };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

describe("src/cli/main.ts", () => {
  it("prints help", async () => {
    const { code, stdout, stderr } = await spawnMain(["--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Usage: fleetgate /);
  });

  it("ends by itself with the exit code, and without a stack trace", async () => {
    const args = ["check", "server", "--permission", "a.b.c", "--endpoint", "http://127.0.0.1:1"];
    const { code, stdout, stderr } = await spawnMain(args);
    assert.deepEqual([code, stdout], [4, ""]);
    assert.match(stderr, /^error: .*\nhint: .*\n$/);
  });
});
