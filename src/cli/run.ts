import { CommanderError } from "commander";
import type { Cli, GlobalOptions } from "./cli.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { printNotes } from "./print.ts";
import { localStatus, printStatus } from "./print-status.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report-error.ts";
import { holdsSecret, sinkWithoutSecrets } from "./without-secrets.ts";

const typedSecret =
  "warning: a credential stands on the command line, where every process of this machine can read it, and histories keep it: revoke it, and put the next one into a file, which --header-file or another option names";

/** Runs one command line, without the names of node and of the script, and returns its exit code. Never throws. */
export async function run(argv: readonly string[], world: Io): Promise<ExitCode> {
  const io: Io = { ...world, stderr: sinkWithoutSecrets(world.stderr) };
  if (argv.some(holdsSecret)) printNotes(io, typedSecret);
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
  const program = await createProgram(cli, argv);
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has told people already; its codes for help and version are 0.
      if (error.exitCode === 0) return exitCodes.ok;
      const message = isMissingCommand(error)
        ? "a command is missing"
        : error.message.replace(/^error: /, "");
      if (asksForJson(argv)) printStatus(io, localStatus({ message, usage: true }));
      return exitCodes.usage;
    }
    return reportError(io, error, cli.globals().json);
  }
}

/** Whether commander showed help because there was no command. */
function isMissingCommand(error: CommanderError): boolean {
  return error.code === "commander.help";
}

/** Whether a command line asks for output for programs; commander may fail before it comes to the option. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end < 0 ? argv : argv.slice(0, end)).includes("--json");
}
