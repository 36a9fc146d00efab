import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkContents } from "./packed/check-contents.ts";
import { checkFaces } from "./packed/check-faces.ts";
import { run } from "./packed/run.ts";

// Packs the package, installs it into an empty folder, and uses what a user gets, the command line and each
// face for programs: the tarball is what ships, not the tree. Wants `npm run build` before.

const folder = mkdtempSync(join(tmpdir(), "fleetgate-pack-"));
try {
  const tarball = run("npm", ["pack", "--silent", "--pack-destination", folder]).trim();
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", join(folder, tarball)], folder);
  checkContents(folder);
  await checkFaces(folder);
  const bin = join(folder, "node_modules", ".bin", "fleetgate");

  assert.match(run(bin, ["--version"], folder), /^\d+\.\d+\.\d+/);
  assert.match(run(bin, ["--help"], folder), /serve/);
  assert.match(run(bin, ["migrate", "--embedded", join(folder, "db")], folder), /0001/);
  await serveAndAsk(bin);
  console.log(`packed: ${tarball} installs, compiles, bundles, migrates, serves and answers`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function serveAndAsk(bin: string): Promise<void> {
  const args = ["serve", "--embedded", join(folder, "db"), "--metrics-listen", "off"];
  const server = spawn(bin, [...args, "--listen", "127.0.0.1:0"], { cwd: folder });
  const exited = once(server, "exit");
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = "";
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const match = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
        if (match !== null) resolve(match[0]);
      };
      server.stdout.on("data", read);
      server.stderr.on("data", read);
      server.once("exit", () => reject(new Error(`serve ended: ${output}`)));
    });
    assert.match(run(bin, ["health", "--endpoint", url], folder), /SERVING|serving/);
  } finally {
    server.kill("SIGTERM");
  }
  assert.deepEqual(await exited, [0, null], "SIGTERM drains and exits 0");
}
