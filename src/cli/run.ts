import { CommanderError } from "commander";
import type { Cli, GlobalOptions } from "./cli.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report-error.ts";

/** Runs one command line, without the names of node and of the script, and returns its exit code. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const cli: Cli = {
    io,
    globals: () => {
      const options = program.opts<Omit<GlobalOptions, "json"> & { readonly json?: boolean }>();
      return { ...options, json: options.json === true };
    },
    action:
      (handler) =>
      async (...args) => {
        exitCode = await handler(...args);
      },
  };
  const program = createProgram(cli);
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has written its message; its codes for help and version are 0.
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    }
    return reportError(io, error, cli.globals().json);
  }
}
