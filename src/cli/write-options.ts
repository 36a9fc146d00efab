import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Option, type Command } from "commander";
import type { GuardsSchema } from "../gen/fleetgate/admin/v1/effects_pb.ts";
import { filledArgument } from "./arguments.ts";
import { CliError } from "./cli-error.ts";
import type { Cli } from "./cli.ts";
import { withConnection, type Connection } from "./connection.ts";
import { guardFields, withGuards, type GuardOptions } from "./effects/guard-options.ts";

/** The options of every command that changes what checks look at. */
export interface WriteOptions extends GuardOptions, ChangeOptions {}

/** The options of every command that changes anything. */
export interface ChangeOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly requestId?: string;
}

/** What these options are in a request. */
export interface WriteFields {
  readonly reason: string;
  readonly validateOnly: boolean;
  readonly requestId: string;
  readonly guards?: MessageInitShape<typeof GuardsSchema>;
}

/** Adds the options of WriteOptions. */
export function withWriteOptions(command: Command): Command {
  return withGuards(
    withChangeOptions(command, {
      dryRun: "do everything except the change, and tell who would gain and lose what",
    }),
  );
}

/** Adds the options of ChangeOptions. */
export function withChangeOptions(
  command: Command,
  { dryRun, needsReason = false }: { readonly dryRun: string; readonly needsReason?: boolean },
): Command {
  const reason = new Option("--reason <text>", "why, for the change log");
  return command
    .addOption(reason.makeOptionMandatory(needsReason))
    .option("--dry-run", dryRun)
    .option(
      "--request-id <uuid>",
      "make a repetition harmless: the same id changes nothing twice (default: a new one)",
      filledArgument,
    );
}

/**
 * Sends a write with what its options say. A dry run has no request id: it would be used up. When nobody knows
 * whether the change was made, the error says how to repeat it without making it twice.
 */
export async function sendWrite<T>(
  cli: Cli,
  options: WriteOptions,
  send: (connection: Connection, fields: WriteFields) => Promise<T>,
): Promise<T> {
  const { reason = "", dryRun = false } = options;
  const requestId = dryRun ? "" : (options.requestId ?? randomUUID());
  const fields = { reason, validateOnly: dryRun, requestId, ...guardFields(options) };
  try {
    return await withConnection(cli, (connection) => send(connection, fields));
  } catch (error) {
    throw !dryRun && mayHaveHappened(error) ? withRepetition(error, requestId) : error;
  }
}

// Without a reason it is not the server that answered, or not at all.
const unsureReasons: ReadonlySet<string | undefined> = new Set([
  undefined,
  "STORAGE_UNAVAILABLE",
  "INTERNAL_FAULT",
]);

function mayHaveHappened(error: unknown): error is CliError {
  return error instanceof CliError && error.status !== undefined && unsureReasons.has(error.reason);
}

function withRepetition(error: CliError, requestId: string): CliError {
  const repetition = `to repeat it without changing anything twice, add --request-id ${requestId}`;
  const { exitCode, reason, status, hint } = error;
  return new CliError(error.message, {
    exitCode,
    reason,
    status,
    hint: hint === undefined ? repetition : `${hint}; ${repetition}`,
    cause: error.cause,
  });
}
