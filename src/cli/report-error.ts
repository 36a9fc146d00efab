import { DomainError } from "../domain/errors.ts";
import { OptionsError } from "../server/options-error.ts";
import { CliError } from "./cli-error.ts";
import { explainDomainError } from "./explain-domain-error.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { plain, printNotes } from "./print.ts";
import { localStatus, printStatus } from "./print-status.ts";
import { unusableOptions } from "./unusable-options.ts";

/** Tells people on standard error, and with `json` programs on standard output, why a command failed. */
export function reportError(io: Io, error: unknown, json: boolean): ExitCode {
  const failure = toCliError(io, error);
  const [first, ...rest] = failure.message.split("\n");
  printNotes(io, `error: ${plain(first ?? "")}`, ...rest.map((line) => `  ${plain(line)}`));
  if (failure.reason !== undefined) printNotes(io, `reason: ${plain(failure.reason)}`);
  if (failure.hint !== undefined) printNotes(io, `hint: ${failure.hint}`);
  if (json) {
    const { message, exitCode, reason } = failure;
    const usage = exitCode === exitCodes.usage;
    printStatus(io, failure.status ?? localStatus({ message, usage, reason }));
  }
  return failure.exitCode;
}

function toCliError(io: Io, error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof DomainError) return explainDomainError(error, io);
  // Files that options name are looked at again when the server opens them.
  if (error instanceof OptionsError) return unusableOptions(error);
  const message = error instanceof Error ? error.message : String(error);
  return new CliError(message, { exitCode: exitCodes.failed });
}
