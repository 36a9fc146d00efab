import { spawn } from "node:child_process";
import { constants } from "node:os";
import { CliError } from "../cli-error.ts";
import { childExitCode, exitCodes, type ExitCode } from "../exit-code.ts";
import type { StopSignal } from "../io.ts";

/** A command that another one runs, with its input and output. */
export interface Child {
  /** Resolves with its exit code, or 128 and the number of the signal that ended it; fails when it cannot be run. */
  readonly ended: Promise<ExitCode>;
  /** Tells it to end. Nothing happens if it has. */
  readonly end: (signal: StopSignal) => void;
}

const words: Readonly<Record<string, string>> = {
  ENOENT: "there is no such command",
  EACCES: "it is not executable, or permission is denied",
};

/** Runs a command. */
export function runChild([command = "", ...args]: readonly string[]): Child {
  const child = spawn(command, args, { stdio: "inherit" });
  const ended = new Promise<ExitCode>((resolve, reject) => {
    child.once("error", (cause: NodeJS.ErrnoException) => {
      const why = words[cause.code ?? ""] ?? cause.code ?? "no code";
      const message = `${command}: it cannot be run: ${why}`;
      reject(new CliError(message, { exitCode: exitCodes.failed, cause }));
    });
    child.once("exit", (code, signal) => {
      resolve(childExitCode(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  });
  return { ended, end: (signal) => void child.kill(signal) };
}
