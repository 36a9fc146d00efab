import type { Status } from "../gen/google/rpc/status_pb.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";

/** What a CliError says besides its message. */
export interface CliErrorOptions {
  readonly exitCode: ExitCode;
  /** The value of `fleetgate.error.v1.Reason` behind it, without its prefix. */
  readonly reason?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** What the server answered, for `--json`. */
  readonly status?: Status | undefined;
  readonly cause?: unknown;
}

/** Ends a command with a message for people, a way out and an exit code; never with a stack trace. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;
  readonly reason: string | undefined;
  readonly hint: string | undefined;
  readonly status: Status | undefined;

  constructor(message: string, options: CliErrorOptions) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode;
    this.reason = options.reason;
    this.hint = options.hint;
    this.status = options.status;
  }
}

/** The command line, or a file that it names, is wrong. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { exitCode: exitCodes.usage, hint });
}
