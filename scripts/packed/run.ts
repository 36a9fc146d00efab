import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** Runs a program to its end and returns its output; throws with all of that unless it exits 0. */
export function run(program: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")} exited with ${status}\n${stdout}${stderr}`);
  return stdout;
}
