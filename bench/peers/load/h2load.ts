import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What h2load says of a run. */
export interface H2loadResult {
  readonly calls: number;
  readonly seconds: number;
  /** Bytes of all bodies. */
  readonly dataBytes: number;
}

/** How h2load is to call. */
export interface H2loadRun {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly connections: number;
  readonly streams: number;
  readonly seconds: number;
}

/** Whether h2load is installed. */
export function hasH2load(): boolean {
  return spawnSync("h2load", ["--version"], { stdio: "ignore" }).status === 0;
}

/** Runs h2load on 127.0.0.1. The token stands in its command line: it is of a database that lives as long as the bench. */
export async function runH2load(run: H2loadRun): Promise<H2loadResult> {
  const folder = await mkdtemp(join(tmpdir(), "fleetgate-h2load-"));
  const path = join(folder, "body");
  await writeFile(path, run.body);
  const headers = Object.entries(run.headers).flatMap(([name, value]) => [
    "-H",
    `${name}: ${value}`,
  ]);
  const program = spawn("h2load", [
    ...["-t", "1", "-c", String(run.connections), "-m", String(run.streams)],
    ...["-D", `${Math.round(run.seconds * 1000)}ms`, "-d", path, ...headers, run.url],
  ]);
  const stop = (): void => void program.kill("SIGKILL");
  process.once("exit", stop);
  try {
    return parseH2load(await outputOf(program), run.seconds);
  } finally {
    process.off("exit", stop);
    await rm(folder, { recursive: true, force: true });
  }
}

function outputOf(program: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    program.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    program.stderr?.resume();
    program.once("error", reject);
    program.once("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`h2load ended with ${code}`));
    });
  });
}

/** Reads what h2load prints. Throws when a call failed, or had another status than 2xx. */
export function parseH2load(text: string, seconds: number): H2loadResult {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? NaN);
  const calls = number(/, (\d+) succeeded/);
  const failed = number(/, (\d+) failed/);
  const good = number(/status codes: (\d+) 2xx/);
  const dataBytes = number(/, [\d.]+[KMG]?B \((\d+)\) data/);
  if (!(calls >= 0) || failed !== 0 || good < calls || !Number.isFinite(dataBytes)) {
    throw new Error(`h2load: not every call was answered with 2xx:\n${text}`);
  }
  return { calls, seconds, dataBytes };
}
