import type { Io, StopSignal } from "../../../src/cli/io.ts";
import { run } from "../../../src/cli/run.ts";

/** What a command line came to. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The world around a command line. */
export interface CliWorld {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** When the command is to be stopped. */
  readonly stop?: Promise<StopSignal>;
  /** Told of all that is written so far to standard output, whenever there is more. */
  readonly onStdout?: (soFar: string) => void;
  /** Likewise, of standard error. */
  readonly onStderr?: (soFar: string) => void;
}

/** Runs a command line in this process, with nothing of the environment of this process. */
export async function runCli(args: readonly string[], world: CliWorld = {}): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  const io: Io = {
    stdout: {
      write: (text) => {
        stdout += text;
        world.onStdout?.(stdout);
      },
    },
    stderr: {
      write: (text) => {
        stderr += text;
        world.onStderr?.(stderr);
      },
    },
    env: world.env ?? {},
    readStdin: () => Promise.resolve(world.stdin ?? ""),
    stopSignal: () => world.stop ?? new Promise(() => undefined),
  };
  const code = await run(args, io);
  return { code, stdout, stderr };
}
