import { spawnSync } from "node:child_process";
import { join } from "node:path";

// Makes all generated files anew: src/gen from proto/, schemas/ from the contract of its files. With a
// folder on the command line they go there instead, so that a check can compare them with the tree.
const root = process.argv[2] ?? ".";

run("buf", "generate", "--output", root);
for (const [file, message] of [
  ["config.schema.json", "Config"],
  ["test-suite.schema.json", "TestSuite"],
] as const) {
  run("node", "scripts/generate-config-schema.ts", join(root, "schemas", file), message);
}

function run(program: string, ...args: string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} exited with ${status}`);
}
