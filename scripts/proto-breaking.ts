import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Compares our contract with the one that was last released, by buf's strictest rules. Images are
// compared because the released one is kept as an image; `--release` makes the tree the released one.
const released = "proto/released.binpb";
const rules = JSON.stringify({ version: "v2", breaking: { use: ["FILE"] } });

if (process.argv.includes("--release")) {
  build(released);
} else {
  const folder = mkdtempSync(join(tmpdir(), "fleetgate-proto-"));
  const current = join(folder, "current.binpb");
  build(current);
  buf("breaking", current, "--against", released, "--config", rules, "--exclude-imports");
  rmSync(folder, { recursive: true });
}

function build(image: string): void {
  buf("build", "--path", "proto/fleetgate", "--exclude-source-info", "--output", image);
}

function buf(...args: string[]): void {
  const { status } = spawnSync("buf", args, { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
