import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { DomainError } from "../domain/errors.ts";
import { StatusSchema, type Status } from "../gen/google/rpc/status_pb.ts";
import { CliError } from "./cli-error.ts";
import { statusRegistry } from "./error-status.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { explainDomainError } from "./explain-domain-error.ts";
import { plain, printMessage, printNotes } from "./print.ts";

/** Tells people on standard error, and with `json` programs on standard output, why a command failed. */
export function reportError(io: Io, error: unknown, json: boolean): ExitCode {
  const failure = toCliError(io, error);
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

function toCliError(io: Io, error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof DomainError) return explainDomainError(error, io);
  const message = error instanceof Error ? error.message : String(error);
  return new CliError(message, { exitCode: exitCodes.failed });
}

function localStatus(failure: CliError): Status {
  const usage = failure.exitCode === exitCodes.usage;
  return create(StatusSchema, {
    code: usage ? Code.InvalidArgument : Code.Unknown,
    message: failure.message,
  });
}
