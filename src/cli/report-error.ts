import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { DomainError } from "../domain/errors.ts";
import { StatusSchema, type Status } from "../gen/google/rpc/status_pb.ts";
import { CliError } from "./cli-error.ts";
import { statusRegistry } from "./error-status.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { plain, printMessage, printNotes } from "./print.ts";
import { reasonExitCode, reasonHints } from "./reason-hints.ts";

/** Tells people on standard error, and with `json` programs on standard output, why a command failed. */
export function reportError(io: Io, error: unknown, json: boolean): ExitCode {
  const failure = error instanceof CliError ? error : toCliError(error);
  const [first, ...rest] = failure.message.split("\n");
  printNotes(io, `error: ${plain(first ?? "")}`, ...rest.map((line) => `  ${plain(line)}`));
  if (failure.reason !== undefined) printNotes(io, `reason: ${plain(failure.reason)}`);
  if (failure.hint !== undefined) printNotes(io, `hint: ${failure.hint}`);
  if (json)
    printMessage(io, StatusSchema, failure.status ?? localStatus(failure), {
      registry: statusRegistry,
    });
  return failure.exitCode;
}

function toCliError(error: unknown): CliError {
  if (error instanceof DomainError) {
    const hint = reasonHints[error.reason];
    return new CliError(error.message, {
      exitCode: reasonExitCode(error.reason),
      reason: error.reason,
      hint: hint === "" ? undefined : hint,
    });
  }
  return new CliError(error instanceof Error ? error.message : String(error), {
    exitCode: exitCodes.failed,
  });
}

function localStatus(failure: CliError): Status {
  const usage = failure.exitCode === exitCodes.usage;
  return create(StatusSchema, {
    code: usage ? Code.InvalidArgument : Code.Unknown,
    message: failure.message,
  });
}
