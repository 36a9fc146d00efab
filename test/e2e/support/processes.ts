import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { atEnd } from "./cleanup.ts";
import { eventually } from "./eventually.ts";
import { cliFile } from "../../support/cli-file.ts";

/** The root of the checkout. */
export const root = join(import.meta.dirname, "..", "..", "..");

/** What a process wrote and how it ended. */
export interface Ended {
  /** The exit code; null: a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs. */
export interface Running {
  /** All that it has written so far, to both outputs. */
  readonly output: () => string;
  /** The first match in what it writes to standard output; throws when it ends before. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Waits until it has ended, a minute at most unless told otherwise. */
  readonly end: (timeoutMs?: number) => Promise<Ended>;
}

/** The world around a process: variables besides those that programs need to be found. */
export type Environment = Readonly<Record<string, string>>;

/** Starts a program in the root of the checkout; it is killed at the end of the tests of the file. */
export function start(command: string, args: readonly string[], env: Environment = {}): Running {
  const child = spawn(command, args, {
    cwd: root,
    // A process group of its own: what it starts ends with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited(), ...env },
  });
  atEnd(() => {
    kill(child);
  });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  const closed = once(child, "close").then(() => undefined);
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
  });
  const output = (): string => written.stdout + written.stderr;
  return {
    output,
    says: async (pattern) =>
      eventually(`${command} says ${String(pattern)}`, () => {
        const match = pattern.exec(written.stdout);
        if (match !== null) return match;
        if (isClosed) throw new Error(`${command} ended before it said ${pattern}: ${output()}`);
        return undefined;
      }),
    signal: (name) => {
      child.kill(name);
    },
    end: async (timeoutMs) => {
      await eventually(`${command} has ended`, () => isClosed, timeoutMs).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}: ${output()}`, { cause: error });
        },
      );
      return { code: child.exitCode, ...written };
    },
  };
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  env: Environment = {},
): Promise<Ended> {
  return start(command, args, env).end();
}

/** Runs the command line of Fleetgate to its end. */
export function fleetgate(args: readonly string[], env: Environment = {}): Promise<Ended> {
  return run(process.execPath, [cliFile, ...args], env);
}

// No variable of ours, nor those by which one test run would steer another.
function inherited(): Record<string, string> {
  const names = ["HOME", "TMPDIR", "LANG", "USER", "NODE_COMPILE_CACHE"];
  const kept = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const path = [join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path };
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
