import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after } from "node:test";

/** The checkout. */
export const root = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(root, "docs", "clients.md"), "utf8");

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An example of docs/clients.md, built as the page says. */
export interface BuiltClient {
  /** Runs it to its end, and returns what it prints. */
  readonly ask: (url: string, keyFile: string, pool: string, trusting?: string) => Promise<string>;
  /** Whether it can be told by the environment whom to trust. */
  readonly speaksTls: boolean;
}

/** Why an example cannot be built on this machine. */
export interface MissingToolchain {
  readonly missing: string;
}

type Environment = Readonly<Record<string, string>>;

/** Google's own types, for machines where the package that has them is missing or too old. */
export async function generateGoogle(language: "java" | "python", gen: string): Promise<void> {
  const files = ["google/rpc/status.proto", "google/rpc/error_details.proto"];
  await run("protoc", ["-I", "proto/third_party", `--${language}_out=${gen}`, ...files], {});
}

/** Runs the line of the page that begins so, in a checkout, but writes to `folder`. */
export async function runLine(
  begin: string,
  folder: string,
  python = "python3",
  bin = "",
): Promise<void> {
  const lines = page.split("\n").filter((it) => it.startsWith(begin));
  if (lines.length !== 1) throw new Error(`docs/clients.md has ${lines.length} lines "${begin}…"`);
  const gen = join(folder, "gen");
  mkdirSync(gen, { recursive: true });
  const line = (lines[0] ?? "")
    .replace(/^python /, `${python} `)
    .replaceAll("_out=gen", `_out=${gen}`);
  const target = line.startsWith("buf ") ? ` -o ${folder}` : "";
  await run("sh", ["-c", `${line}${target}`], {}, bin);
}

/** Which of these programs are not in PATH; undefined when all are. */
export function lackingPrograms(names: readonly string[]): MissingToolchain | undefined {
  const lacking = names.filter((name) => findProgram(name) === undefined);
  return lacking.length === 0 ? undefined : { missing: `${lacking.join(", ")} not in PATH` };
}

/** Where a program is; undefined when it is not in PATH. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Whether a program exits with 0. */
export async function succeeds(
  program: string,
  args: readonly string[],
  env: Environment,
): Promise<boolean> {
  return run(program, args, env).then(
    () => true,
    () => false,
  );
}

/**
 * Runs a program in a checkout, also one of `node_modules` or of the folder `bin`, and returns what it prints.
 * Rejects when it fails.
 */
export async function run(
  program: string,
  args: readonly string[],
  env: Environment,
  bin = "",
): Promise<string> {
  const path = [bin, join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""];
  const options = {
    cwd: root,
    env: { ...process.env, PATH: path.filter((it) => it !== "").join(delimiter), ...env },
  };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`${program}: ${error.message}\n${stderr}`));
    });
  });
}

/** A new folder; gone after the tests of the file. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fleetgate-clients-"));
  folders.push(folder);
  return folder;
}
