import assert from "node:assert/strict";
import { spawn, spawnSync, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startPostgres } from "../test/support/postgres-server.ts";

// What the Dockerfile's last stage holds, assembled without a container engine and run as it would run
// there: as another user than root, on files that nobody may write. Wants `npm run build` before.

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "fleetgate-image-"));
const app = join(folder, "app");
const isRoot = process.getuid?.() === 0;
// Only root can become somebody else.
const user: SpawnOptions = isRoot ? { uid: 1000, gid: 1000 } : {};
const postgres = await startPostgres();
try {
  assemble();
  const environment = { PATH: process.env["PATH"], NODE_ENV: "production", HOME: "/nonexistent" };
  const env = { ...environment, DATABASE_URL: postgres.url };
  const main = [join(app, "dist", "cli", "main.js")];
  const migrated = spawnSync(process.execPath, [...main, "migrate"], {
    ...user,
    env,
    cwd: app,
    encoding: "utf8",
  });
  assert.equal(migrated.status, 0, migrated.stderr);

  const ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
  const server = spawn(process.execPath, [...main, "serve", ...ports], { ...user, env, cwd: app });
  const exited = once(server, "exit");
  try {
    const url = await addressOf(server);
    const endpoint = { ...environment, FLEETGATE_ENDPOINT: url };
    const health = spawnSync(process.execPath, [...main, "health", "--timeout", "4s"], {
      ...user,
      env: endpoint,
      cwd: app,
      encoding: "utf8",
    });
    assert.deepEqual([health.status, health.stdout], [0, "SERVING\n"], health.stderr);
  } finally {
    server.kill("SIGTERM");
  }
  assert.deepEqual(await exited, [0, null], "SIGTERM drains and exits 0");
  console.log("image: its files migrate, serve, answer the health check and stop");
} finally {
  await postgres.remove();
  rmSync(folder, { recursive: true, force: true });
}

/** Follows the COPY lines of the last stage. */
function assemble(): void {
  const text = readFileSync(join(root, "Dockerfile"), "utf8");
  const lastStage = text.slice(text.lastIndexOf("\nFROM "));
  const build = join(folder, "build");
  mkdirSync(build);
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
    cpSync(join(root, name), join(build, name));
  }
  const npm = ["ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"];
  const installed = spawnSync("npm", npm, { cwd: build, encoding: "utf8" });
  assert.equal(installed.status, 0, installed.stderr);
  cpSync(join(root, "dist"), join(build, "dist"), { recursive: true });

  const copies = [...lastStage.matchAll(/^COPY (--from=build )?(\S+) (\S+)$/gm)];
  assert.ok(copies.length >= 5, "the last stage copies something");
  for (const [, fromBuild, source = "", target = ""] of copies) {
    const from = fromBuild === undefined ? join(root, source) : source.replace(/^\/build/, build);
    const to = target === "./" ? join(app, source.split("/").at(-1) ?? "") : join(app, target);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { recursive: true });
  }
  chmodSync(folder, 0o755);
  makeReadOnly(app);
}

function makeReadOnly(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) makeReadOnly(child);
    else if (!entry.isSymbolicLink()) chmodSync(child, 0o444);
  }
  chmodSync(path, 0o555);
}

async function addressOf(server: ReturnType<typeof spawn>): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const match = /listens on (http\S+)/.exec(output);
      if (match?.[1] !== undefined) resolve(match[1]);
    };
    server.stdout?.on("data", read);
    server.stderr?.on("data", read);
    server.once("exit", () => reject(new Error(`serve ended: ${output}`)));
  });
}
