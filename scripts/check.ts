import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One thing that must hold of the tree, as a command that exits 0. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const drift = mkdtempSync(join(tmpdir(), "fleetgate-drift-"));
const checks: readonly Check[] = [
  { name: "format", command: ["prettier", "--log-level", "warn", "--check", "."] },
  { name: "types", command: ["tsc", "-p", "tsconfig.json"] },
  {
    name: "lint and floors",
    command: [
      "oxlint",
      "--type-aware",
      "--deny-warnings",
      "src",
      "test",
      "bench",
      "scripts",
      "examples",
    ],
  },
  {
    name: "proto format",
    command: ["buf", "format", "--diff", "--exit-code", "--path", "proto/fleetgate"],
  },
  { name: "proto lint", command: ["buf", "lint"] },
  { name: "proto breaking", command: ["node", "scripts/proto-breaking.ts"] },
  { name: "generated code", command: ["node", "scripts/generate.ts", drift] },
  { name: "generated code drift", command: ["diff", "-r", "src/gen", join(drift, "src", "gen")] },
  {
    name: "configuration schema drift",
    command: ["diff", "-r", "schemas", join(drift, "schemas")],
  },
];

let failed = 0;
for (const { name, command } of checks) {
  const started = performance.now();
  const [program = "", ...args] = command;
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status !== 0) failed += 1;
}
rmSync(drift, { recursive: true, force: true });
if (failed > 0) {
  console.error(`${failed} of ${checks.length} checks failed`);
  process.exitCode = 1;
}
